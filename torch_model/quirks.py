"""Quirks: the named ways in which the original program departs from the spec. None is on unless `-quirks` says so.

The names are shared with the C program, in its order; docs/decisions/quirks-and-habits.md has the reasons. Plain data: knows no torch.
"""
from __future__ import annotations

from torch_model.errors import Refusal

QUIRKS = {                            # name -> where the spec says otherwise, and what the program does
    "incomplete_cell_completed": "cli.2: without a matrix, missing b and c become a, and missing angles 90 degrees",
    "pivot_by_convention": "cli.11: -pivot gives way to a named convention and to later flags that choose a pivot (D06)",
    "absorption_off_by_order": "cli.16: a depth of inf or 0 removes the thickness given before it, not one given after it (D38)",
    "curved_last_ignored": "cli.17: -curved_det as the last argument does nothing (D12)",
    "polar_despite_off": "cli.18, polarization.5: -oversample_polar, or a later -polar, turns the factor on in spite of -nopolar (D16)",
    "misset_seed_misset": "cli.22: -misset_seed is also read as -misset (D13, D56)",
    "header_keys": "cli.23: a header key is found inside longer ones, and TWOTHETA has no effect (D19)",
    "missing_matrix_ignored": "cli.36: where a cell is given, a matrix file that is not there is left out (D33)",
    "ratio_without_twotheta": "geometry.21: the cosine between beam and detector normal leaves two-theta out (D10)",
    "direct_volume_ratio": "crystal.5: c*_z takes the volume ratio of the direct cell (D11)",
    "degrees_as_radians": "crystal.6: a random misset has a cap of 90 radians (D34)",
    "nominal_volume": "crystal.8, .10: where a cell is given, its formula is the volume also of vectors that have another (D11, D32)",
    "misset_seed_apart": "random.7: the misset seed does not follow -seed (D35)",
    "default_beam_clips": "beam.22: a beam size that nobody gave clips the sample (D18)",
    "source_line_ends": "beam.1, .2: comments are sources, and a last line without newline loses its defaults (D23)",
    "layer_spacing": "detector.8: a given number of layers is raised to 2 and divides by one less (D37)",
    "hkl_number_stream": "structure.1, .5: a list of reflections is a stream of numbers without lines (D20, D57)",
    "dump_skips_blanks": "structure.9: bytes of the cache that look like blanks are skipped (D21)",
    "mode_before_size": "structure.10: interpolation is chosen before sample sizes become numbers of cells (D15)",
    "phi_carry_over": "crystal.15: at a spindle angle of exactly 0 the cell of the last rotated step is kept (D04)",
    "curved_by_lab_axes": "detector.4: the curved detector exchanges two laboratory coordinates (D12)",
    "first_for_last": "scaling.9-11: polarization and solid angle of the first subpixel, capture of a layer's first (D05)",
    "directions_renormalized": "sampling.12: a polarization factor moves the last digits of q for the sources that follow; here it never "
                               "does, and the name changes nothing",
    "tight_stencil": "structure.13, .15: an index counts as outside up to one index before its stencil leaves the box",
    "table_value_outside": "structure.15: outside, the nearest entry is taken and interpolation stays off (D14)",
    "racing_switch_off": "parallel.6: threads share that end unordered (D42); here they never do, and the name changes nothing",
    "masked_in_deviation": "output.17: the deviation from the mean includes masked pixels (D47)",
}


def chosen(text: str) -> frozenset[str]:
    """`all`, `none`, or a list such as `none,+phi_carry_over`; a list that begins with a sign starts from all. Raises Refusal."""
    on = set(QUIRKS) if text[:1] in ("+", "-") else set()
    for item in text.split(","):
        if item in ("all", "none"):
            on = set(QUIRKS) if item == "all" else set()
            continue
        name = item.lstrip("+-")
        if name not in QUIRKS:
            raise Refusal(f"-quirks {text}: no quirk `{name}`; all, none, or a list of {', '.join(QUIRKS)}")
        (on.discard if item[0] == "-" else on.add)(name)
    return frozenset(on)
