/* The command line: nanoBragg's flags, matched as nanoBragg matches them. The flags are in flags.c.

   Values are not consumed: the scan goes on with the next argument, so one argument may match several patterns, and a value
   that begins with `-` is looked at as a flag too (facts: command line). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flags.h"

static bool matches(const char *argument, const char *pattern, Match match)
{
	return match == WHOLE ? strcmp(argument, pattern) == 0 : strstr(argument, pattern) != NULL;
}

static void apply_effects(Options *options, unsigned effects)
{
	if (effects & TO_BEAM)
		options->pivot = PIVOT_BEAM;
	if (effects & TO_SAMPLE)
		options->pivot = PIVOT_SAMPLE;
	if (effects & TO_CUSTOM)
		options->convention = CUSTOM;
	if (effects & POLAR_ON && has_quirk(options, QUIRK_POLAR_DESPITE_OFF))     /* cli.18, D16 */
		options->nopolar = 0;
	if (effects & POLAR_ON)
		options->kahn_given = 1;
	if (effects & PGM_ON)
		options->write_pgm = 1;
	if (effects & NOISE_ON)
		options->write_noise = 1;
}

/* False: no further pattern is tried on the argument. */
static bool store(Options *options, const Flag *flag, int left, char **values)
{
	void *field = (char *)options + flag->field;
	switch (flag->kind) {
	case NUMBER: *(double *)field = internal(number(values[0]), (Unit)flag->detail); break;
	case COUNT: *(int *)field = whole(values[0]); break;
	case WORD: *(const char **)field = values[0]; break;
	case CHOICE: *(int *)field = flag->detail; break;
	case CALL: return flag->call(options, left, values);
	case DIRECTION:
		for (int i = 0; i < 3; i++)
			((double *)field)[i] = number(values[i]);
	}
	return !(flag->effects & LAST);
}

/* A flag with too few values behind it is ignored; the original crashes on the four that are NEEDED (D52). */
static void take_argument(Options *options, int left, char **argument)
{
	for (size_t i = 0; i < n_flags; i++) {
		const Flag *flag = &flags[i];
		if (!matches(argument[0], flag->pattern, flag->match))
			continue;
		if (left < flag->values && flag->effects & NEEDED)
			refuse("%s needs a value, and stands last", argument[0]);
		if (left < flag->values)
			continue;
		apply_effects(options, flag->effects);
		if (!store(options, flag, left, argument + 1))
			return;
	}
}

/* -quirks is no flag of the original: it is taken out first, so that it acts wherever it stands, and is not the "something"
   that must follow a flag. Returns how many arguments are left in `rest`. */
static int take_quirks_out(Options *options, int argc, char **argv, char **rest)
{
	int left = 0;
	for (int i = 0; i < argc; i++) {
		if (i == 0 || i + 1 == argc || strcmp(argv[i], "-quirks") != 0) {
			rest[left++] = argv[i];
			continue;
		}
		if (strcmp(argv[++i], "help") == 0) {
			list_quirks();
			exit(EXIT_SUCCESS);
		}
		options->quirks = quirks_from_list(argv[i]);
	}
	return left;
}

/* cli.24   A first pass, for headers: the mask before the image, whatever the order of the flags (D19). */
static void take_headers(Options *options, int argc, char **argv)
{
	static const char *const patterns[2] = { "-mask", "-img" };
	for (int pass = 0; pass < 2; pass++)
		for (int i = 1; i + 1 < argc; i++)
			if (argv[i][0] == '-' && matches(argv[i], patterns[pass], ANYWHERE))
				take_image_header(options, argv[i + 1], pass == 0);
}

/* cli.6   The defaults; what the spec leaves silent is the original's. */
static Options defaults(void)
{
	const Steps not_given = { -1, -1.0, -1.0 }, empty = { -1, 0.0, -1.0 };
	const int64_t clock = -(int64_t)time(NULL);
	Options options = {
		.dump = "Fdump.bin", .floatfile = "floatimage.bin", .intfile = "intimage.img", .pgmfile = "image.pgm",
		.noisefile = "noiseimage.img", .misset_seed = clock, .mosaic_seed = -12345678, .seed = clock,
		.mosaic_spread = -1.0, .mosaic_domains = -1,
		.fudge = 1.0, .N = { 1, 1, 1 }, .shape = SQUARE,
		.phi = not_given, .hdiv = not_given, .vdiv = not_given, .dispersion = empty, .thickness = empty,
		.lambda0 = 1e-10, .fluence = 125932015286227086360700780544.0, .exposure = 1.0, .beamsize = 1e-4,
		.round_divergence = 1, .convention = MOSFLM, .pivot = PIVOT_BEAM, .explicit_pivot = -1,
		.beam = { 1, 0, 0 }, .fast = { 0, 0, 1 }, .slow = { 0, -1, 0 }, .normal = { 1, 0, 0 },
		.twotheta_axis = { 0, 1, 0 }, .polar = { 0, 0, 1 }, .spindle = { 0, 0, 1 },
		.Xbeam = NAN, .Ybeam = NAN, .Xclose = NAN, .Yclose = NAN, .ORGX = NAN, .ORGY = NAN,
		.distance = 0.1, .close_distance = NAN, .side = { 102.4e-3, 102.4e-3 }, .pixel = 0.1e-3, .mu = -1.0,
		.oversample = -1, .roi = { -1, -1, -1, -1 }, .interpolate = -1,
		.write_pgm = 1, .write_noise = 1, .scale = -1.0, .pgm_scale = -1.0, .adc = 40.0, .printout_pixel = { -1, -1 }, .trace_pixel = { -1, -1 },
		.quirks = quirks_from_list("all"),
	};
	return options;
}

/* random.7   The orientation follows the seed of the noise where it has none of its own; in the program, the clock (D35). */
static void complete_seeds(Options *options)
{
	if (!options->misset_seed_given && !has_quirk(options, QUIRK_MISSET_SEED_APART))
		options->misset_seed = options->seed;
}

/* cli.16   Absorption that is off has no thickness, whatever the order of the flags; in the program the order decides (D38). */
static void complete_absorption(Options *options)
{
	if (options->mu == 0.0 && !has_quirk(options, QUIRK_ABSORPTION_OFF_BY_ORDER))
		options->thickness.range = 0.0;
}

/* cli.2   All six values; the program completes the others from a (quirk incomplete_cell_completed). */
static bool is_complete(const Options *options)
{
	for (int i = 0; i < 6; i++)
		if (!(options->cell[i] > 0.0))
			return has_quirk(options, QUIRK_INCOMPLETE_CELL_COMPLETED);
	return true;
}

static bool can_open(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (file)
		fclose(file);
	return file != NULL;
}

/* cli.1, cli.2   without amplitudes or without a cell there is nothing to compute. */
static void check_complete(const Options *options)
{
	const char *usage = "usage: nanobragg -hkl FILE|-default_F VALUE -mat FILE|-cell a b c alpha beta gamma ...";
	if (!options->hkl && options->default_F == 0.0 && !can_open(options->dump))
		refuse("no structure factors: give -hkl or -default_F\n%s", usage);
	if (!options->matrix && options->cell[0] == 0.0)
		refuse("no unit cell: give -mat or -cell\n%s", usage);
	if (!options->matrix && !is_complete(options))
		refuse("the unit cell is not complete: -cell takes three lengths and three angles\n%s", usage);
	if (!(options->lambda0 > 0.0 && isfinite(options->lambda0)))
		refuse("the wavelength is %g m; check -lambda and -energy", options->lambda0);
}

Options parse_command_line(int argc, char **argv)
{
	Options options = defaults();
	char **words = allocate((size_t)argc, sizeof *words);
	int count = take_quirks_out(&options, argc, argv, words);
	take_headers(&options, count, words);
	for (int i = 1; i < count; i++)
		if (words[i][0] == '-')
			take_argument(&options, count - 1 - i, words + i);
	free(words);
	complete_seeds(&options);
	complete_absorption(&options);
	check_complete(&options);
	return options;
}
