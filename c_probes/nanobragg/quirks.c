/* Quirks: where the program departs from the spec. All are on unless -quirks says otherwise. */
#include <stdio.h>
#include <string.h>

#include "nanobragg.h"
#include "quantities.h"

/* One row drives the flag, the listing and the trace; in the order of the spec's areas. */
static const struct {
	const char *name, *deviation, *program, *spec;
} quirks[] = {
	[QUIRK_INCOMPLETE_CELL_COMPLETED] = { "incomplete_cell_completed", "",
	  "without a matrix, missing b and c become a, and missing angles 90 degrees",
	  "cli.2: fewer than six values of a cell are refused" },
	[QUIRK_PIVOT_BY_CONVENTION] = { "pivot_by_convention", "D06",
	  "-pivot gives way to a named convention, and to later flags that choose a pivot",
	  "cli.11: it wins over the convention and all other flags" },
	[QUIRK_ABSORPTION_OFF_BY_ORDER] = { "absorption_off_by_order", "D38",
	  "a depth of inf or 0 removes the thickness that was given before it; one given after it stays, and stops nothing",
	  "cli.16: no attenuation and no thickness" },
	[QUIRK_CURVED_LAST_IGNORED] = { "curved_last_ignored", "D12",
	  "-curved_det as the last argument does nothing",
	  "cli.17: it takes no argument" },
	[QUIRK_POLAR_DESPITE_OFF] = { "polar_despite_off", "D16",
	  "-oversample_polar computes the polarization factor in spite of -nopolar, and a later -polar turns it on again",
	  "cli.18, polarization.5: one everywhere" },
	[QUIRK_MISSET_SEED_MISSET] = { "misset_seed_misset", "D13, D56",
	  "-misset_seed is read as -misset as well: its number, and the two arguments after it, are the three angles",
	  "cli.22: a seed is a seed" },
	[QUIRK_HEADER_KEYS] = { "header_keys", "D19",
	  "a key of an image header is found inside longer ones (DISTANCE in CLOSE_DISTANCE), and TWOTHETA has no effect",
	  "cli.23: each key sets its own parameter" },
	[QUIRK_MISSING_MATRIX_IGNORED] = { "missing_matrix_ignored", "D33",
	  "where a cell is given, a matrix file that is not there is left out, and the orientation is the cell's own",
	  "cli.36: it is refused" },
	[QUIRK_RATIO_WITHOUT_TWOTHETA] = { "ratio_without_twotheta", "D10",
	  "the cosine between beam and detector normal leaves the two-theta rotation out",
	  "geometry.21: beam.normal after all rotations" },
	[QUIRK_DIRECT_VOLUME_RATIO] = { "direct_volume_ratio", "D11",
	  "the z component of c* takes V/(a b c), so that the angles of a triclinic cell come out wrong",
	  "crystal.5: cs_z = cs Vs/(as bs cs sin ga_s)" },
	[QUIRK_DEGREES_AS_RADIANS] = { "degrees_as_radians", "D34",
	  "a random orientation is drawn with a spread of 90 radians",
	  "crystal.6: the cap has 90 degrees" },
	[QUIRK_NOMINAL_VOLUME] = { "nominal_volume", "D11, D32",
	  "where a cell is given, its formula is the volume also of vectors that have another one",
	  "crystal.8, .10: V = a.(b x c), and a* = (b x c)/V is reciprocal to a, b, c" },
	[QUIRK_MISSET_SEED_APART] = { "misset_seed_apart", "D35",
	  "without -misset_seed a random orientation follows the clock, whatever -seed says",
	  "random.7: its seed is that of the noise" },
	[QUIRK_DEFAULT_BEAM_CLIPS] = { "default_beam_clips", "D18",
	  "the default beam of 0.1 mm clips the crystal as a given one does",
	  "beam.22: a beam size that was given clips it" },
	[QUIRK_SOURCE_LINE_ENDS] = { "source_line_ends", "D23",
	  "a comment in a source file is a source of zeros; a last line without its newline has zeros for missing columns",
	  "beam.1, .2: one source a line, comments left out, defaults for missing columns" },
	[QUIRK_LAYER_SPACING] = { "layer_spacing", "D37",
	  "a given number n of layers is raised to 2 at least, and their spacing is thickness/(n - 1)",
	  "detector.8: the thickness divided by the number of layers" },
	[QUIRK_HKL_NUMBER_STREAM] = { "hkl_number_stream", "D20, D57",
	  "reflections are a stream of numbers without lines: a further column shifts all, a word ends it without a sound",
	  "structure.1, .5: one reflection a line, further columns ignored" },
	[QUIRK_DUMP_SKIPS_BLANKS] = { "dump_skips_blanks", "D21",
	  "reading the cache skips leading data bytes that look like blanks, and shifts what follows",
	  "structure.9: the values come back as they were written" },
	[QUIRK_MODE_BEFORE_SIZE] = { "mode_before_size", "D15",
	  "interpolation is chosen before a sample size becomes numbers of cells",
	  "structure.10: on if one of Na, Nb, Nc is 2 or less" },
	[QUIRK_PHI_CARRY_OVER] = { "phi_carry_over", "D04",
	  "at a spindle angle of exactly 0 the working cell keeps what the thread left in it",
	  "crystal.15: the reference cell is rotated at every step" },
	[QUIRK_CURVED_BY_LAB_AXES] = { "curved_by_lab_axes", "D12",
	  "a curved detector is bent by lab y and z of the flat point, which swaps its axes",
	  "detector.4: about slow by the fast offset from the direct beam, about fast by the slow one" },
	[QUIRK_FIRST_FOR_LAST] = { "first_for_last", "D05",
	  "omega and polarization of a pixel's first subpixel, capture of a layer's first, are kept for all",
	  "scaling.9-11: every subpixel has its own; those of the last one count" },
	[QUIRK_DIRECTIONS_RENORMALIZED] = { "directions_renormalized", "",
	  "computing a polarization factor normalises the diffracted direction again, so that the last digits of q move for the "
	  "sources that follow",
	  "sampling.12: q is formed from the direction of geometry.32" },
	[QUIRK_TIGHT_STENCIL] = { "tight_stencil", "",
	  "an index below the smallest plus 2 or above the largest minus 2 counts as outside the table",
	  "structure.13, .15: outside is where one of the four nodes is" },
	[QUIRK_TABLE_VALUE_OUTSIDE] = { "table_value_outside", "D14",
	  "a stencil outside the table ends interpolation for the rest of the run, this evaluation included",
	  "structure.15: this evaluation gives the default amplitude" },
	[QUIRK_RACING_SWITCH_OFF] = { "racing_switch_off", "D42",
	  "threads share that end unordered, so that the pixels after it vary from run to run",
	  "parallel.6: any number of threads gives the image of one" },
	[QUIRK_MASKED_IN_DEVIATION] = { "masked_in_deviation", "D47",
	  "the printed rmsd counts masked pixels, as zeros",
	  "output.17: unmasked pixels inside the region of interest" },
};
enum { N_QUIRKS = sizeof quirks / sizeof quirks[0] };

static unsigned every_quirk(void) { return (1u << N_QUIRKS) - 1u; }

static void print_quirks(FILE *stream)
{
	for (size_t i = 0; i < N_QUIRKS; i++)
		fprintf(stream, "  %s%s%s%s\n    program: %s\n    spec:    %s\n", quirks[i].name, *quirks[i].deviation ? " (" : "",
		        quirks[i].deviation, *quirks[i].deviation ? ")" : "", quirks[i].program, quirks[i].spec);
}

void list_quirks(void)
{
	printf("-quirks all|none|help or a list of these with + or -, as in none,+NAME or all,-NAME:\n");
	print_quirks(stdout);
}

static unsigned bit_of(const char *name, size_t length)
{
	for (size_t i = 0; i < N_QUIRKS; i++)
		if (strlen(quirks[i].name) == length && strncmp(quirks[i].name, name, length) == 0)
			return 1u << i;
	fprintf(stderr, "nanobragg: no quirk `%.*s`; known are\n", (int)length, name);
	print_quirks(stderr);
	refuse("-quirks takes all, none, help, or a list such as none,+phi_carry_over");
}

static bool is_word(const char *item, size_t length, const char *word)
{
	return strlen(word) == length && strncmp(item, word, length) == 0;
}

/* Left to right from "all": `all`, `none`, `+name`, `-name`; a bare name counts as `+name`, and starts from none. */
unsigned quirks_from_list(const char *list)
{
	bool bare = *list && *list != '+' && *list != '-';
	unsigned on = bare ? 0 : every_quirk();
	for (const char *item = list; *item;) {
		size_t length = strcspn(item, ","), sign = *item == '+' || *item == '-';
		if (is_word(item, length, "all"))
			on = every_quirk();
		else if (is_word(item, length, "none"))
			on = 0;
		else if (*item == '-')
			on &= ~bit_of(item + sign, length - sign);
		else
			on |= bit_of(item + sign, length - sign);
		item += length + (item[length] == ',');
	}
	return on;
}

void trace_quirks(unsigned on)
{
	for (size_t i = 0; i < N_QUIRKS; i++)
		if (on >> i & 1u)
			CONFORM_QUIRK(quirks[i].name);
}
