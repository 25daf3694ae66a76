"""The same program written nastily: the same values come out, and it prints and writes what it would without probes."""

from __future__ import annotations

import pytest

from conform.probe.instrument import instrument

from .kit import FLAGS, QUICK
from .one_file import original
from .test_original import CASES, LATER_VERSIONS, values_like


def changed(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert text.count(old) == 1, (text.count(old), old)
        text = text.replace(old, new)
    return text


UNREADABLE = """
#define BEGIN {
#define END }
double odd(void) BEGIN return __extension__ ({ double z = 1; z; }); END
struct later { int at; };
int of_kind(int count, ...) { va_list list; va_start(list, count); int at = va_arg(list, struct later).at; va_end(list); return at; }
#if 0
this is no C at all: } ) { "
#endif
__attribute__((noinline)) static double far_away(void) { typeof(1.0) it = 2; return it; }
"""
MACROS = """
#define SET(name, value) name = (value)
#define TIMES(name, value) do { name *= (value); } while (0)
#define RENEW(condition, name, value) if (condition) name = value
#define FRESH polar = 0.0
#define NEAREST(x, y) (y) = (int)ceil((x) - 0.5)
"""


def in_macros(text: str) -> str:
    """Macros around assignments, definitions in the old style, what no parser reads, and line ends of another system."""
    text = changed(
        text,
        ("double dot_product(double *x, double *y)\n{", UNREADABLE + MACROS + "double dot_product(x, y)\ndouble *x; double *y;\n{"),
        ("int main(int argc, char **argv)\n{\n\tdouble test", "int main(argc, argv)\nint argc;\nchar **argv;\n{\n\tdouble test"),
        ("omega_pixel = pixel_size * pixel_size / airpath / airpath * close_distance / airpath;",
         "SET(omega_pixel,\n\tpixel_size * pixel_size / airpath / airpath\n\t\t* close_distance / airpath);"),
        ("F_latt *= sincg(PI * h, Na);", "TIMES(F_latt, sincg(PI * h, Na));"),
        ("if (nopolar) polar = 1.0;", "RENEW(nopolar, polar, 1.0);"),
        ("\t\t\tpolar = 0.0;\n", "\t\t\tFRESH;\n"),
        ("l0 = (int)ceil(l - 0.5);", "NEAREST(l, l0);"),
        ("if (!oversample_omega) test *= omega_pixel;", "RENEW(!oversample_omega, test, test * omega_pixel);"),
    )
    return text.replace("\n", "\r\n")


def with_jumps(text: str) -> str:
    """goto in the place of continue and else, loops without braces, names used for something else in blocks."""
    return changed(
        text,
        ("if (F_latt == 0.0 && water == 0.0) continue;", "if (F_latt == 0.0 && water == 0.0) goto next_domain;\n{ double F_cell = 3, I = F_cell; I += h; h0 += 0 * (I > F_cell); }"),
        ("if (oversample_omega) I *= omega_pixel;\n", "if (oversample_omega) I *= omega_pixel;\nnext_domain: ;\n"),
        ("polin3(&run, hkl, &F_cell);\n\t\t\t\t\t\t\t\t\t}", "polin3(&run, hkl, &F_cell);\n goto have_amplitude; }"),
        ("if (!interpolate) {", "{"),
        ("I += F_cell * F_cell * F_latt * F_latt;", "have_amplitude: I += F_cell * F_cell * F_latt * F_latt;"),
        ("for (subS = 0; subS < oversample; ++subS) {\n\t\t\t\t\tfor", "for (subS = 0; subS < oversample; ++subS)\n\t\t\t\t\tfor"),
        ("\t\t\t\t\t\t}\n\t\t\t\t\t}\n\t\t\t\t}\n\t\t\t}\n\t\t\ttest = r_e_sqr", "\t\t\t\t\t\t}\n\t\t\t\t\t}\n\t\t\t}\n\t\t\ttest = r_e_sqr"),
        ("stol = 0.5 * magnitude(scattering);", "{ double *vector = scattering, stol_ = magnitude(vector); stol = 0.5 * stol_; }"),
        ("scattering[3] = (diffracted[3] - incident[3]) / lambda;", "#ifdef NEVER\nscattering[3] = 0;\n#else\nscattering[3] = (diffracted[3] - incident[3]) / lambda;\n#endif"),
        ("airpath = unitize(pixel_pos, diffracted);", "{ double *to[2] = { pixel_pos, diffracted }; airpath = unitize(to[0], to[1]); }"),
    )


def with_factors(text: str) -> str:
    """As the older fork has it: a factor for each axis, in variables of the branch."""
    start, end = text.index("if (Na > 1) {\n"), text.index("if (shape == ROUND)")
    branch = """double F_latt_a = 1.0, F_latt_b = 1.0, F_latt_c = 1.0;
        if (Na > 1) F_latt_a = sincg(PI * h, Na);
        if (Nb > 1) F_latt_b = sincg(PI * k, Nb);
        if (Nc > 1) F_latt_c = sincg(PI * l, Nc);
        F_latt = F_latt_a * F_latt_b * F_latt_c;
    }
    """
    return text[:start] + branch + text[end:]


VARIANTS = {"macros, old style, CRLF": in_macros, "jumps, blocks, pointers": lambda text: with_jumps(with_factors(text))}


@pytest.fixture(scope="module", params=VARIANTS)
def variant(request, workshop, original_binding):
    text = VARIANTS[request.param](original()).encode()
    flags = ("-std=gnu11", *QUICK)
    program, probed = workshop.probed(text, original_binding, flags)
    lacking = LATER_VERSIONS - {"F_latt_axis"} if b"F_latt_a " in text else LATER_VERSIONS
    assert set(probed.refused) == lacking, {name: one for name, one in probed.refused.items() if name not in lacking}
    return program, probed, workshop.plain(text, flags), text


@pytest.mark.parametrize("case", ["turning", "everything", "interpolated"])
def test_the_right_values_come_out(variant, own_probes, run_program, case):
    own, bound = (run_program(program, [*FLAGS, *CASES[case]], threads=1) for program in (own_probes, variant[0]))
    assert own.status == bound.status == 0, bound.err
    assert len(bound.quantities) >= 75
    values_like(own, bound)


def test_it_prints_and_writes_what_it_does_without_probes(variant, run_program):
    flags = [*FLAGS, *CASES["everything"], "-printout"]
    assert run_program(variant[2], flags, trace=False).shown == run_program(variant[0], flags).shown


def test_every_byte_stays_in_its_place(variant):
    rest = iter(variant[1].text)
    assert all(byte in rest for byte in variant[3])


def test_what_has_another_name_is_refused_and_the_rest_goes_on(original_binding):
    probed = instrument(original().replace("omega_pixel", "omega_of_pixel").encode(), "moved.c", original_binding)
    assert set(probed.missing) == {"omega", "running_omega", "omega_final"}
    assert all(any("omega_of_pixel" in line for line in one.candidates) for one in probed.missing.values())


def test_without_its_phi_loop_all_that_is_on_it_is_refused_with_the_loops_that_are_there(original_binding):
    probed = instrument(original().replace("phi_tic", "step_of_phi").encode(), "moved.c", original_binding)
    assert {"phi_angle", "cell_phi", "cell", "hkl", "F_latt", "phisteps"} <= set(probed.missing)
    assert {"q", "polarization", "I", "image", "omega"} <= set(probed.placed)
    assert "no loop over `phi_tic` in `main`" in probed.refused["hkl"].why
    assert any("step_of_phi" in line for line in probed.refused["hkl"].candidates)
