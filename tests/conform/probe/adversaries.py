"""Small C programs that change a variable behind the assignment that one sees; each is a program of its own.

Each prints its value at the end of every turn: that is the truth. `said` are words of the refusal, where there must be one.
"""

from __future__ import annotations

from dataclasses import dataclass

HEADERS = "".join(f"#include <{name}.h>\n" for name in ("stdio", "stdlib", "string", "math", "signal", "setjmp", "stdarg"))


@dataclass(frozen=True)
class Adversary:
    body: str
    top: str = ""
    declared: str = "double x = 0, y = 0;"
    value: str = "x"
    said: str = ""
    keys: tuple[tuple[str, object], ...] = ()
    flags: tuple[str, ...] = ()
    shown: str = ""                      # what is printed in the place of the value
    needs: str = ""                      # what not every compiler has

    @property
    def text(self) -> str:
        return (f"#define _GNU_SOURCE\n{HEADERS}{self.top}\nint main(void)\n{{\n\tint i, n = 5; {self.declared}\n\tfor (i = 0; i < n; i++) {{\n{self.body}\n"
                f"\t\tprintf(\"%d %a\\n\", i, (double)({self.shown or self.value}));\n\t}}\n\treturn 0;\n}}\n")


X = "static double x;\nstatic void poke(void) { x += 10; }\n"
LOCAL_Y = "double y = 0;"
TIDY = "static double x;\nstatic void tidy(int *t) { x += 10 + *t; }\n"
KEEP = "static double *kept;\nstatic void keep(double *p) { kept = p; }\nstatic void poke(void) { if (kept) *kept += 10; }\n"
BOX = "struct box { double *p; double v[3]; int n; };\n"

THROUGH_FUNCTIONS = {
    "a pointer to a function": Adversary("x = i; fp(); y = x;", X, LOCAL_Y + " void (*fp)(void) = poke;"),
    "a pointer to a function, chosen": Adversary("x = i; (i % 2 ? poke : other)(); y = x;", X + "static void other(void) { x -= 1; }\n", LOCAL_Y),
    "a table of functions": Adversary("x = i; table[i % 2](); y = x;", X + "static void other(void) { x -= 1; }\nstatic void (*table[])(void) = { poke, other };\n", LOCAL_Y),
    "a function in a struct": Adversary("x = i; doer.act(); y = x;", X + "static struct { void (*act)(void); } doer = { poke };\n", LOCAL_Y),
    "a function in brackets": Adversary("x = i; (poke)(); (*poke)(); y = x;", X, LOCAL_Y),
    "a pointer to a function that is given x": Adversary("x = i; fp(&x); y = x;", "static void fill(double *p) { *p += 10; }\n", "double x = 0, y = 0; void (*fp)(double *) = fill;"),
    "a parameter that is called": Adversary("x = i; run(poke); y = x;", X + "static void run(void (*f)(void)) { f(); }\n", LOCAL_Y),
    "a parameter with the name of a function": Adversary("x = i; run(poke); y = x;", X + "static void calm(void) { }\nstatic void run(void (*calm)(void)) { calm(); }\n", LOCAL_Y + " calm();"),
    "a function that is found through another's result": Adversary("x = i; get()(); y = x;", X + "typedef void (*Act)(void);\nstatic Act get(void) { return poke; }\n", LOCAL_Y),
    "functions that call each other": Adversary("x = i; ping(2); pong(1); y = x;", "static double x;\nstatic void pong(int k);\nstatic void ping(int k) { if (k) pong(k - 1); x += 10; }\nstatic void pong(int k) { if (k) ping(k - 1); }\n", LOCAL_Y),
    "only the function called from the other": Adversary("x = i; pong(1); y = x;", "static double x;\nstatic void pong(int k);\nstatic void ping(int k) { if (k) pong(k - 1); x += 10; }\nstatic void pong(int k) { if (k) ping(k - 1); }\nvoid unused(void) { ping(1); }\n", LOCAL_Y),
    "a macro for a function": Adversary("x = i; CALL(); y = x;", X + "#define CALL poke\n", LOCAL_Y),
    "a macro that calls what it is given": Adversary("x = i; CALL(poke); y = x;", X + "#define CALL(f) f()\n", LOCAL_Y),
    "a static variable of a function that calls itself": Adversary("x = i; if (i == 3) { again(); } y = x;", "static int depth;\nstatic double again(void) { static double w; w += 1; if (depth++ < 2) again(); return w; }\n"),
}
CALLED_BACK = {
    "a comparison of qsort": Adversary("x = i; qsort(v, 3, sizeof *v, compare); y = x;", "static double x, v[3] = { 3, 1, 2 };\nstatic int compare(const void *a, const void *b) { x += 1; return *(const double *)a < *(const double *)b ? -1 : 1; }\n", LOCAL_Y),
    "a comparison of bsearch": Adversary("x = i; bsearch(&key, v, 3, sizeof *v, compare); y = x;", "static double x, key = 2, v[3] = { 1, 2, 3 };\nstatic int compare(const void *a, const void *b) { x += 1; double d = *(const double *)a - *(const double *)b; return d < 0 ? -1 : d > 0; }\n", LOCAL_Y),
    "a comparison of qsort that has a name": Adversary("x = i; qsort(v, 3, sizeof *v, by); y = x;", "static double x, v[3] = { 3, 1, 2 };\nstatic int compare(const void *a, const void *b) { x += 1; return *(const double *)a < *(const double *)b ? -1 : 1; }\n", LOCAL_Y + " int (*by)(const void *, const void *) = compare;"),
    "sorted elements": Adversary("v[0] = 5 - i; v[1] = 2; v[2] = i; qsort(v, 3, sizeof *v, compare); y = v[0];", "static int compare(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }\n", "double v[3], y;", "v[0]"),
    "a signal that one raises": Adversary("x = i; raise(SIGUSR1); y = x;", "static double x;\nstatic void on_signal(int s) { (void)s; x += 10; }\n", LOCAL_Y + " signal(SIGUSR1, on_signal);", said="at any moment"),
    "a signal of a timer": Adversary("x = i; while (x == i) ; y = x;", "#include <sys/time.h>\nstatic volatile double x;\nstatic void on_signal(int s) { (void)s; x += 10; }\n",
                                     LOCAL_Y + " struct itimerval t = { { 0, 1000 }, { 0, 1000 } }; struct sigaction a = { 0 }; a.sa_handler = on_signal; sigaction(SIGALRM, &a, 0); if (n < 0) setitimer(ITIMER_REAL, &t, 0); x = 1; n = 0;", said="at any moment"),
    "a thread": Adversary("x = i; pthread_t t; pthread_create(&t, 0, act, 0); pthread_join(t, 0); y = x;", "#include <pthread.h>\nstatic double x;\nstatic void *act(void *a) { x += 10; return a; }\n", LOCAL_Y, said="at any moment", flags=("-pthread",)),
    "a thread that is given x": Adversary("x = i; pthread_t t; pthread_create(&t, 0, act, &x); pthread_join(t, 0); y = x;", "#include <pthread.h>\nstatic void *act(void *a) { *(double *)a += 10; return a; }\n", said="at any moment", flags=("-pthread",)),
    "what is done at exit comes later": Adversary("x = i; y = x;", X, LOCAL_Y + " atexit(poke);"),
    "an attribute": Adversary("{ __attribute__((cleanup(tidy))) int t = i; x = i; y = t; }", TIDY, LOCAL_Y, said="cleanup"),
    "an attribute behind the name": Adversary("{ int t __attribute__((cleanup(tidy))) = i; x = i; y = t; }", TIDY, LOCAL_Y, said="cannot be read"),
}
KEPT = {
    "an address that is kept": Adversary("x = i; poke(); y = x;", KEEP, "double x = 0, y = 0; keep(&x);"),
    "an address that is kept in the turn": Adversary("x = i; keep(&x); poke(); y = x;", KEEP),
    "an array that is kept": Adversary("v[0] = i; poke(); y = v[0];", KEEP, "double v[2] = { 0 }, y = 0; keep(v);", "v[0]"),
    "an address that is kept by a pointer": Adversary("x = i; poke(); y = x;", KEEP, "double x = 0, y = 0, *p = &x; keep(p);"),
    "an address in a struct": Adversary("x = i; through(&b); y = x;", BOX + "static void through(struct box *b) { *b->p += 10; }\n", "double x = 0, y = 0; struct box b; b.p = &x;"),
    "an address in a struct that is given by value": Adversary("x = i; through(b); y = x;", BOX + "static void through(struct box b) { *b.p += 10; }\n", "double x = 0, y = 0; struct box b = { &x };"),
    "an address in a struct, written here": Adversary("x = i; *b.p += 10; y = x;", BOX, "double x = 0, y = 0; struct box b = { &x };"),
    "an address in a copy of a struct": Adversary("x = i; c.p[0] += 10; y = x;", BOX, "double x = 0, y = 0; struct box b = { &x }, c = b;"),
    "an address in a struct that is copied as bytes": Adversary("x = i; *c.p += 10; y = x;", BOX, "double x = 0, y = 0; struct box b = { &x }, c; memcpy(&c, &b, sizeof b);"),
    "an address in a struct that is returned": Adversary("x = i; *c.p += 10; y = x;", BOX + "static struct box with(double *p) { struct box b = { p }; return b; }\n", "double x = 0, y = 0; struct box c = with(&x);"),
    "an address in a static pointer": Adversary("x = i; *p += 10; y = x;", "", "static double x; double y = 0; static double *p = &x;"),
    "an address in a variable of the file from its beginning": Adversary("v[0] = i; *p += 10; y = v[0];", "static double v[2], *p = v;\n", LOCAL_Y, "v[0]"),
    "an address in an array": Adversary("x = i; *list[1] += 10; y = x;", "", "double x = 0, y = 0, *list[2] = { &y, &x };"),
    "an address in an array that is given": Adversary("x = i; through(list); y = x;", "static void through(double **list) { *list[1] += 10; }\n", "double x = 0, y = 0, *list[2] = { &y, &x };"),
    "an address in a literal": Adversary("x = i; through((double *[]){ &x }); y = x;", "static void through(double **list) { *list[0] += 10; }\n"),
    "an address in a variable of the file": Adversary("x = i; other = &x; bump(); y = x;", "static double *other;\nstatic void bump(void) { *other += 10; }\n"),
    "an address that was stored by a pointer to a pointer": Adversary("x = i; *p += 10; y = x;", "static void aim(double **p, double *at) { *p = at; }\n", "double x = 0, y = 0, *p = &y; aim(&p, &x);"),
    "an address that comes back": Adversary("x = i; *same(&x) += 10; y = x;", "static double *same(double *p) { return p; }\n"),
    "an address that comes back and is kept": Adversary("x = i; *p += 10; y = x;", "static double *same(double *p) { return p; }\n", "double x = 0, y = 0, *p = same(&x);"),
    "an address as a number": Adversary("x = i; *(double *)a += 10; y = x;", "#include <stdint.h>\n", "double x = 0, y = 0; uintptr_t a = (uintptr_t)&x;"),
    "an address in unnamed arguments": Adversary("x = i; set(1, &x); y = x;", "static void set(int k, ...) { va_list l; va_start(l, k); *va_arg(l, double *) += 10; va_end(l); }\n"),
    "a pointer of a pointer": Adversary("x = i; **pp += 10; y = x;", "", "double x = 0, y = 0, *p = &x, **pp = &p;"),
    "two pointers to one place": Adversary("b[0] = i; a[0] += 10; y = b[0];", "", "double y = 0, *a = malloc(16), *b = a;", "b[0]"),
    "two parameters to one place": Adversary("both(v, v, i); y = v[0];", "static double shown;\nstatic void both(double *a, double *b, int i) { a[0] = i; b[0] += 10; shown = a[0]; }\n", "double v[2] = { 0 }, y = 0;", "shown"),
    "copied bytes": Adversary("x = i; memcpy(p, &y, sizeof y); y = x + 1;", "", "double x = 0, y = 0; void *p = &x;"),
    "a pointer that walks": Adversary("v[2] = i; for (p = v; p < v + 3; p++) *p += 10; y = v[2];", "", "double v[3] = { 0 }, y = 0, *p;", "v[2]"),
    "an address that is kept under another name of its type": Adversary("x = i; poke(); y = x;", KEEP.replace("double", "int32_t").replace("static", "#include <stdint.h>\nstatic", 1), "int x = 0; double y = 0; keep(&x);"),
    "an address that is kept without its sign": Adversary("x = i; poke(); y = x;", KEEP.replace("double", "unsigned"), "int x = 0; double y = 0; keep((unsigned *)&x);"),
    "a part that is kept as a number": Adversary("x = i; poke(); y = creal(x);", "#include <complex.h>\n" + KEEP, "double _Complex x = 0; double y = 0; keep((double *)&x);", "creal(x)"),
    "what reads only does not matter": Adversary("x = i; y = look(&x) + cos(x); printf(\"%g\\n\", y);", "static double look(const double *p) { return *p; }\n"),
}
PLACES = {
    "an element through an offset": Adversary("v[1] = i; (v + 1)[0] += 10; y = v[1];", "", "double v[3] = { 0 }, y = 0;", "v[1]"),
    "an element written the other way round": Adversary("v[1] = i; 1[v] += 10; y = v[1];", "", "double v[3] = { 0 }, y = 0;", "v[1]"),
    "an element through a helper with an offset": Adversary("v[1] = i; fill(v + 1); fill(&v[1]); y = v[1];", "static void fill(double *p) { p[0] += 10; }\n", "double v[3] = { 0 }, y = 0;", "v[1]"),
    "a library function with an offset": Adversary("v[1] = i; memset(v + 1, 0, sizeof *v); y = v[1];", "", "double v[3] = { 0 }, y = 0;", "v[1]"),
    "a library function with a choice": Adversary("x = i; memset(i ? &x : &y, 0, sizeof x); y = 2;"),
    "a row of a table": Adversary("m[1][0] = i; fill(m[1]); y = m[1][0];", "static void fill(double *p) { p[0] += 10; }\n", "double m[2][2] = { 0 }, y = 0;", "m[1][0]"),
    "a row given to a library function": Adversary("m[1][0] = i; memset(m[1], 0, sizeof m[1]); y = m[1][0];", "", "double m[2][2] = { 0 }, y = 0;", "m[1][0]"),
    "bytes of an array": Adversary("v[1] = i; ((char *)v)[15] ^= 1; y = v[1];", "", "double v[3] = { 0 }, y = 0;", "v[1]"),
    "an index in octal": Adversary("v[8] = i; v[010] += 10; y = v[8];", "", "double v[9] = { 0 }, y = 0;", "v[8]"),
    "another member of a union": Adversary("u.d = i; u.l ^= 1L << 62; y = u.d;", "", "union { double d; long l; } u = { 0 }; double y = 0;", "u.d"),
    "another member of a union within a struct": Adversary("s.d = i; s.l ^= 1L << 62; y = s.d;", "struct s { int k; union { double d; long l; }; };\n", "struct s s = { 0 }; double y = 0;", "s.d"),
    "members in a row": Adversary("s.b = i; fill(&s.a); y = s.b;", "struct s { double a, b; };\nstatic void fill(double *p) { p[0] = 1; p[1] += 10; }\n", "struct s s = { 0 }; double y = 0;", "s.b"),
    "a struct as a whole": Adversary("s.b = i; s = t; y = s.b;", "struct s { double a, b; };\n", "struct s s = { 0 }, t = { 1, 2 }; double y = 0;", "s.b"),
    "a field through two pointers": Adversary("p->b = i; q->b += 10; y = p->b;", "struct s { double a, b; };\n", "struct s s = { 0 }, *p = &s, *q = p; double y = 0;", "p->b"),
}
MACROS = {
    "a macro for a variable": Adversary("x = i; also += 10; y = x;", "#define also x\n"),
    "a macro for a place": Adversary("x = i; AT(&x) += 10; y = x;", "#define AT(p) (*(p))\n"),
    "a macro for a member of a union": Adversary("x = i; u.l ^= 1L << 62; y = x;", "static union { double d; long l; } u;\n#define x u.d\n", LOCAL_Y),
    "a macro that is defined twice": Adversary("x = 1;\n#define NEXT y = 2\nNEXT;\n#undef NEXT\n#define NEXT x = 3 + i\nNEXT; y = x;"),
    "a name that becomes a macro in the level": Adversary("x = i; y = x;\n#define x z\nx = i + 10;", "", "double x = 0, y = 0, z = 0;", said="a macro"),
    "a macro with a brace in its text": Adversary("x = i; SHOW(x); y = x;", "#define SHOW(a) snprintf(text, sizeof text, \"{%g\", a)\n", "double x = 0, y = 0; char text[40];"),
    "a macro for a place, from elsewhere": Adversary("x = i; PLACE(x) += 10; y = x;", '#include "functions.inc"\n'),
    "a macro that assigns, from elsewhere": Adversary("x = i; ASSIGN(x, i + 10); y = x;", '#include "functions.inc"\n'),
    "an expression with a call": Adversary("x = i; y = 2 * x; x = y;", "static double x;\nstatic double twice(void) { return 2 * x; }\n", LOCAL_Y, "twice()", said="nothing says what `twice` reads"),
    "a macro that glues": Adversary("x1 = i; SET(1); y = x1;", "#define SET(k) x##k = 5\n", "double x1 = 0, y = 0;", "x1"),
    "a macro that hides a branch": Adversary("WHEN (set(&x)) y = 2;", "#define WHEN if\nstatic int set(double *p) { *p += 10; return *p > 25; }\n", said="cannot be read"),
    "a macro that hides a brace": Adversary("for (k = 0; k < 2; k++) BEGIN x = i; x = i + 10; END", "#define BEGIN {\n#define END }\n", "double x = 0, y = 0; int k;", said="brace"),
    "a word of the language that is a macro": Adversary("x = i; if (i) y = x;", "#define if(c) x += 10; while ((c) && n-- > 9)\n", said="is a macro"),
}
TEXT = {
    "a brace in text that is not compiled": Adversary("x = i;\n#if 0\n}\n#endif\nx += 10; y = x;"),
    "an open brace in text that is not compiled": Adversary("x = i;\n#if 0\nif (x) {\n#else\n{\n#endif\nx += 10; }\ny = x;"),
    "a brace in either branch": Adversary("x = i;\n#ifdef NEVER\nif (i > 2) {\n#else\nif (i > 1) {\n#endif\nx += 10; }\ny = x;", said="brace"),
    "text from a file": Adversary('x = i;\n#include "more.inc"\ny = x;', said="include"),
    "an unknown function of a file": Adversary("x = i; of_file(); y = x;", 'static double x;\n#define WITH_X\n#include "functions.inc"\n', LOCAL_Y),
    "a function within the function": Adversary("x = i; set(); y = x;", "", "double x = 0, y = 0; void set(void) { x += 10; }", said="function within", needs="gnu"),
    "a function within the function that is given away": Adversary("x = i; run(set); y = x;", "static void run(void (*f)(void)) { f(); }\n", "double x = 0, y = 0; void set(void) { x += 10; }", said="function within", needs="gnu"),
    "a statement in an expression": Adversary("x = i; y = ({ double t = x; x += 10; t; });"),
    "a comma": Adversary("x = i, y = (x += 10, x++, 3);"),
    "the size of an array of variable length": Adversary("x = i; y = sizeof(char[(int)(x += 10)]);"),
    "a declaration within": Adversary("x = i; { double x = 3; x += 10; y = x; } { extern double x; y += x; }", "double x;\n", LOCAL_Y),
    "a declaration from outside": Adversary("x = i; { extern double x; x += 10; } y = x;", "double x;\n", LOCAL_Y),
    "assembler": Adversary('x = i; asm volatile("" : "+m"(x)); y = x;', said="cannot be read"),
    "assembler through memory": Adversary('x = i; asm volatile("movq $0, (%0)" : : "r"(p) : "memory"); y = x;', "", "double x = 0, y = 0, *p = &x;", needs="x86"),
}
JUMPS = {
    "back": Adversary("int k = 0; again: x = i + k; if (k++ < 3) goto again; y = x;"),
    "back, and out before the probe": Adversary("int k = 0; again: if (k > 1 && i == 2) continue; x = i + k; if (k++ < 3) goto again; y = x;", said="goto"),
    "to a place that is computed": Adversary("void *to = &&out; x = i; if (i == 2) { x = 7; goto *to; } x += 10; out: y = x;", said="computed", needs="gnu"),
    "a long one": Adversary("if (setjmp(at) == 0) { x = i; leave(); } else { x += 10; } y = x;", "static jmp_buf at;\nstatic void leave(void) { longjmp(at, 1); }\nstatic double x;\n", LOCAL_Y, said="setjmp"),
    "into a loop": Adversary("int k = 2; x = i; switch (i % 2) { case 0: do { x += 1; case 1: x += 10; } while (--k > 0); } y = x;"),
}
PARALLEL = {
    "a variable of each thread": Adversary("x = i;\n#pragma omp parallel for private(x)\nfor (k = 0; k < 4; k++) { x = k; v[k] = x; }\ny = x + v[1];", "", "double x = 0, y = 0, v[4]; int k;", flags=("-fopenmp",)),
    "a sum of all threads": Adversary("x = i;\n#pragma omp parallel for reduction(+:x)\nfor (k = 0; k < 4; k++) x += k;\ny = x;", "", "double x = 0, y = 0; int k;", flags=("-fopenmp",)),
    "a variable of all threads": Adversary("x = i; y = x;", "", "double x = 0, y = 0;\n#pragma omp parallel for\n", flags=("-fopenmp",), said="shared by the threads"),
    "a variable of the file of each thread": Adversary("x = i; y = x;", "static double x, y;\n#pragma omp threadprivate(x)\n", "\n#pragma omp parallel for num_threads(1)\n", flags=("-fopenmp",)),
    "a variable of each thread of the level": Adversary("x = i; y = x;", "", "double x = 0, y = 0;\n#pragma omp parallel for private(x) num_threads(1)\n", flags=("-fopenmp",)),
    "an element of each thread": Adversary("v[i] = i; y[i] = v[i];", "static double v[9], y[9];\n", "\n#pragma omp parallel for num_threads(1)\n", "v[i]", flags=("-fopenmp",)),
    "a task": Adversary("x = i;\n#pragma omp task shared(x)\nx += 10;\n#pragma omp taskwait\ny = x;", flags=("-fopenmp",), said="task"),
}
FURTHER = {
    "an array of structs in a struct": Adversary("x = i; *n2.list[i % 2].p += 10; y = x;", BOX + "struct nest { struct box list[2]; };\n", "double x = 0, y = 0; struct nest n2 = { { { &x }, { &x } } };"),
    "back from a member to its struct": Adversary("s.a = i; ((struct s *)((char *)&s.b - sizeof(double)))->a += 10; y = s.a;", "struct s { double a, b; };\n", "struct s s = { 0 }; double y = 0;", "s.a"),
    "an element of an array of structs": Adversary("t[1].b = i; (q + 1)->b += 10; y = t[1].b;", "struct s { double a, b; };\n", "struct s t[2] = { 0 }, *q = t; double y = 0;", "t[1].b"),
    "a pointer to a row": Adversary("m[1][0] = i; row[1][0] += 10; y = m[1][0];", "", "double m[2][2] = { 0 }, (*row)[2] = m, y = 0;", "m[1][0]"),
    "a table as one row": Adversary("m[1][0] = i; flat[2] += 10; y = m[1][0];", "", "double m[2][2] = { 0 }, *flat = &m[0][0], y = 0;", "m[1][0]"),
    "a pointer whose type is that of x": Adversary("x = i; *p += 10; y = x;", "", "double x = 0, y = 0; __auto_type p = &x;", needs="gnu"),
    "a pointer to a literal": Adversary("x = i; *b->p += 10; y = x;", BOX, "double x = 0, y = 0; struct box *b = &(struct box){ &x };"),
    "a pointer in a union": Adversary("x = i; *u.d += 10; y = x;", "", "double x = 0, y = 0; union { double *d; long l; } u; u.d = &x;"),
    "a pointer that is copied as bytes": Adversary("x = i; *p += 10; y = x;", "", "double x = 0, y = 0, *from = &x, *p; memcpy(&p, &from, sizeof p);"),
    "a pointer that another function remembers": Adversary("x = i; *slot() += 10; y = x;", "static double x;\nstatic double *slot(void) { static double *s; if (!s) s = &x; return s; }\n", LOCAL_Y),
    "a list of arguments that is handed on": Adversary("x = i; set(1, &x); y = x;", "static void take(va_list l) { *va_arg(l, double *) += 10; }\nstatic void set(int k, ...) { va_list l; va_start(l, k); take(l); va_end(l); }\n"),
    "another name for it": Adversary("x = i; also += 10; y = x;", "double x;\nextern double also __attribute__((alias(\"x\")));\n", LOCAL_Y, said="another name"),
    "a pointer by the distance to it": Adversary("v[1] = i; p = v; p += (q - p); *p += 10; y = v[1];", "", "double v[3] = { 0 }, y = 0, *p, *q = v + 1;", "v[1]"),
    "a return that computes it": Adversary("y = next(i);", "static double next(int i) { static double x; x = i; return x += 10; }\n", "double y = 0;", "x", said="return", keys=(("function", "next"),), shown="y"),
    "a field of bits": Adversary("s.b = i; s.a ^= 1; set(&s); y = s.b;", "struct s { unsigned a : 3, b : 5; };\nstatic void set(struct s *p) { p->b += 10; }\n", "struct s s = { 0 }; double y = 0;", "s.b"),
    "an index that is computed": Adversary("v[1] = i; v[i % 3] += 10; y = v[1];", "", "double v[3] = { 0 }, y = 0;", "v[1]"),
    "a macro for the pointer and the arrow": Adversary("s.a = i; OF(p, a) += 10; y = s.a;", "struct s { double a, b; };\n#define OF(p, f) ((p)->f)\n", "struct s s = { 0 }, *p = &s; double y = 0;", "s.a"),
    "a function with two forms": Adversary("x = i; poke(); y = x;", "static double x;\n#ifdef NEVER\nstatic void poke(void) { }\n#else\nstatic void poke(void) { x += 10; }\n#endif\n", LOCAL_Y),
    "a function that a macro defines": Adversary("x = i; poke(); y = x;", "static double x;\n#define DEFINE(name) static void name(void) { x += 10; }\nDEFINE(poke)\n", LOCAL_Y),
    "a loop that a macro makes": Adversary("x = i; EACH(k, 3) { x += k; } y = x;", "#define EACH(k, n) for (k = 0; k < n; k++)\n", "double x = 0, y = 0; int k;"),
    "a loop that a macro makes, without braces": Adversary("x = i; EACH(k, 3) x += k; y = x;", "#define EACH(k, n) for (k = 0; k < n; k++)\n", "double x = 0, y = 0; int k;", said="cannot be read"),
    "another name for it, by its label": Adversary("x = i; also += 10; y = x;", "double x;\nextern double also asm(\"x\");\n", LOCAL_Y, said="another name"),
    "a lock that a macro takes": Adversary("x = i; LOCKED(x += 10; y = 2); y = x;", "#define LOCKED(what) do { what; } while (0)\n", said="cannot be read"),
}
AROUND = "#include <stddef.h>\nstatic void bump(struct link *l) { struct s *s = (struct s *)((char *)l - offsetof(struct s, link)); s->x += 10; }\n"
COMPLEX = "#include <complex.h>\n"
STYLES = {
    "an address that a macro takes in another function": Adversary("x = i; poke(); y = x;", "#define AT(v) (&(v))\nstatic double x;\n" + KEEP + "static void init(void) { keep(AT(x)); }\n", LOCAL_Y + " init();"),
    "an address that a macro takes, without brackets": Adversary("x = i; poke(); y = x;", "#define AT &\n#define OF AT\nstatic double x;\n" + KEEP + "static void init(void) { keep(OF x); }\n", LOCAL_Y + " init();"),
    "a pointer to an array as a whole": Adversary("x[1] = i; (*q)[1] += 10; y = x[1];", "", "double x[3] = { 0 }, y = 0, (*q)[3] = &x;", "x[1]"),
    "a row that is computed": Adversary("m[1][0] = i; m[k][0] += 10; y = m[1][0];", "", "double m[2][2] = { { 0 } }, y = 0; int k = 1;", "m[1][0]"),
    "a row that is computed, of a field": Adversary("s.m[1][0] = i; s.m[k][0] += 10; y = s.m[1][0];", "struct s { double m[2][2]; };\n", "struct s s = { { { 0 } } }; double y = 0; int k = 1;", "s.m[1][0]"),
    "a pointer to rows that walks": Adversary("m[1][0] = i; p++; (*p)[0] += 10; p--; y = m[1][0];", "", "double m[2][2] = { { 0 } }, y = 0, (*p)[2] = m;", "m[1][0]"),
    "a struct around what is given": Adversary("s.x = i; bump(&s.link); y = s.x;", "struct link { int k; };\nstruct s { double x; struct link link; };\n" + AROUND, "struct s s = { 0 }; double y = 0;", "s.x"),
    "a struct around what is given, with the same names in it": Adversary("s.x = i; bump(&s.link); y = s.x;", "struct link { int k; double x; };\nstruct s { double x; struct link link; };\n" + AROUND, "struct s s = { 0 }; double y = 0;", "s.x"),
    "another struct in its place": Adversary("a.x = i; bump(&a); y = a.x;", "struct a { double x; };\nstruct b { double y; };\nstatic void bump(void *p) { ((struct b *)p)->y += 10; }\n", "struct a a = { 0 }; double y = 0;", "a.x"),
    "a part of a complex number": Adversary("x = i + 2 * I; ((double *)&x)[1] += 10; y = creal(x);", COMPLEX, "_Complex double x = 0; double y = 0;", "cimag(x)"),
    "a part of a complex number, by its word": Adversary("x[1] = i + 2 * I; __real__ x[1] += 10; y = creal(x[1]);", COMPLEX, "double complex x[2] = { 0 }; double y = 0;", "creal(x[1])"),
    "a complex number as a whole": Adversary("s.x = i + 2 * I; y = creal(s.x);", COMPLEX + "struct s { float complex x; };\n", "struct s s = { 0 }; double y = 0;", "2 * s.x", said="complex number"),
    "a variable that is called complex": Adversary("complex = i; complex += 10; y = complex;", "", "double complex; double y = 0;", "complex"),
    "a variable of the thread": Adversary("x = i; poke(); y = x;", X.replace("static double", "static _Thread_local double"), LOCAL_Y),
    "cases that fall through and have ranges": Adversary("switch (i) { case 0 ... 1: x = 1; __attribute__((fallthrough)); case 2: x += 2; break; default: x = 9; } y = x;"),
    "the time": Adversary("x = i; time(&x); t = x; y = 1;", "#include <time.h>\n", "time_t x = 0, t = 0; double y = 0;", shown="t"),
    "printing that counts": Adversary('k = i; fprintf(stderr, "abc%n", &k); y = k;', "", "int k = 0; double y = 0;", "k"),
}
ALL = {**THROUGH_FUNCTIONS, **CALLED_BACK, **KEPT, **PLACES, **MACROS, **TEXT, **JUMPS, **PARALLEL, **FURTHER, **STYLES}
FILES = {"more.inc": "x += 10;\n", "functions.inc": "#define PLACE(a) (*&(a))\n#define ASSIGN(a, b) ((a) = (b))\n#ifdef WITH_X\nstatic void of_file(void) { x += 10; }\n#endif\n"}
