# The virtual environment of this checkout: made where it is missing, renewed where it is stale. Sourced by ./conform and
# ./test, which set `root` (this checkout) and `name` (their own, for messages). POSIX sh; a warm start runs no Python.
#
# .venv/unfinished       there from the first moment until everything was installed once: with it, start again from nothing
# .venv/made-for         the path of the checkout and the Python: a change of either cannot be mended in place
# .venv/installed-run    made-for, pyproject.toml and constraints.txt as they were when .[model,instrument] was installed; written last
# .venv/installed-test   the same for .[model,instrument,test]
# .venv.setup/           lock, log
#
# A .venv that has none of these was made by hand. It is somebody's, so it is kept and what is missing is added to it.

venv=$root/.venv
setup=$root/.venv.setup

unset PYTHONHOME PYTHONPATH VIRTUAL_ENV __PYVENV_LAUNCHER__      # the caller's Python is not ours
unset PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT                    # would install somewhere else
KMP_DUPLICATE_LIB_OK=TRUE                # numpy and torch may each bring an OpenMP runtime; the second would abort
export KMP_DUPLICATE_LIB_OK

say() { printf '%s: %s\n' "$name" "$1" >&2; }

fail() {
	for line do say "$line"; done
	exit 4
}

need_environment() {                     # run | test
	is_current "$1" && return
	trap 'interrupted 130' INT
	trap 'interrupted 143' TERM
	trap 'interrupted 129' HUP
	find_python
	take_lock
	is_current "$1" || renew "$1"        # asked again: another call may have made it while this one waited
	exec 9>&-
	trap - INT TERM HUP
}

interrupted() {                          # the lock is the kernel's and goes with this process
	say "interrupted while setting up .venv; the next call does it again"
	exit "$1"
}

identity() { printf '%s\n' "$root" "$(readlink -f "$venv/bin/python")"; }

wanted() { identity && cat "$root/pyproject.toml" "$root/constraints.txt"; }

is_current() { [ -x "$venv/bin/python" ] && [ -f "$venv/installed-$1" ] && wanted | cmp -s - "$venv/installed-$1"; }

# -- Python ------------------------------------------------------------------------------------------------------------

find_python() {                          # sets python, or ends with what was found instead
	without_venv=
	for python in python3.13 python3.12 python3.11 python3; do
		# -I here and below: no module from the caller's folder may stand in for one of Python's own.
		"$python" -I -c 'import sys
if sys.version_info < (3, 11): sys.exit(11)
try: import ensurepip, venv
except ImportError: sys.exit(12)' >/dev/null 2>&1
		case $? in
		0) return ;;
		12) without_venv=${without_venv:-$python} ;;
		esac
	done
	if [ "$without_venv" ]; then
		fail "$without_venv is there, but it cannot make a virtual environment (no venv or no ensurepip)" \
			"on Debian: apt-get install python3-venv"
	fi
	found=$(python3 --version 2>/dev/null) || found="no python3 that runs"
	fail "no Python 3.11 or newer (looked on the PATH for python3.13, python3.12, python3.11, python3; found $found)" \
		"on Debian: apt-get install python3 python3-venv"
}

# -- one at a time -----------------------------------------------------------------------------------------------------

# The kernel's lock, taken by Python because not every system has flock(1). It ends with the processes that hold the file
# open, however they end, so a stale one cannot be left; a pip that outlives its killed parent still keeps others out.
lock() {                                 # now | wait
	"$python" -I -c 'import fcntl, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
try: fcntl.flock(9, fcntl.LOCK_EX | (fcntl.LOCK_NB if sys.argv[1] == "now" else 0))
except BlockingIOError: sys.exit(1)' "$1"
}

take_lock() {
	{ mkdir -p "$setup" && true >>"$setup/lock"; } 2>/dev/null ||
		fail "cannot write in $root, where .venv is to be made" "use a checkout that you may write in"
	exec 9<>"$setup/lock"
	if ! lock now; then
		read -r owner <"$setup/lock" || owner=unknown
		say "waiting for process $owner, which is setting up .venv ..."
		lock wait || fail "cannot lock .venv.setup/lock" "if no other set-up is running, remove .venv.setup and call again"
	fi
	echo "$$" >"$setup/lock"
}

# -- making and renewing -----------------------------------------------------------------------------------------------

renew() {                                # run | test
	if reason=$(why_from_nothing); then
		say "setting up .venv ($reason; about a minute, 1 GB) ..."
		make || give_up
	else
		say "bringing .venv up to date (some seconds) ..."
	fi
	install "$1" || give_up
}

why_from_nothing() {                     # prints the reason; fails where the environment can be renewed in place
	if ! [ -e "$venv" ]; then
		echo "first use"
	elif [ -e "$venv/unfinished" ]; then
		echo "an earlier set-up did not finish"
	elif [ -e "$venv/made-for" ] && ! identity | cmp -s - "$venv/made-for"; then
		echo "the checkout or its Python has moved"
	elif ! "$venv/bin/python" -I -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
		echo "its Python cannot be used"
	else
		return 1
	fi
}

# Here and in install a subshell, not braces: a trap that fires inside redirected braces would speak into the log.
make() {
	(
		rm -rf "$venv" && mkdir "$venv" && true >"$venv/unfinished" && "$python" -I -m venv "$venv"
	) >"$setup/log" 2>&1
}

install() {                              # run | test
	case $1 in
	run) extras=model,instrument ;;
	test) extras=model,instrument,test ;;
	esac
	rm -f "$venv/installed-run" "$venv/installed-test"
	wanted >"$setup/wanted" || return    # before pip reads the same files: an edit meanwhile must not pass unnoticed
	(
		cd "$root" &&
			"$venv/bin/python" -I -m pip install --quiet --no-input --disable-pip-version-check \
				-c constraints.txt -e ".[$extras]"
	) >"$setup/log" 2>&1 || return
	identity >"$venv/made-for" && rm -f "$venv/unfinished" || return
	if [ "$1" = test ]; then cp "$setup/wanted" "$venv/installed-run" || return; fi
	mv "$setup/wanted" "$venv/installed-$1"
}

give_up() {
	say "could not set up .venv:"
	sed 's/^/    /' "$setup/log" >&2
	fail "mend the cause (pip must reach its package index, and the disk needs 1 GB) and call again" \
		"or make .venv with another Python, as in: python3.11 -m venv .venv"
}
