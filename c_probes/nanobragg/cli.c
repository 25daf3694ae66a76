/* The command line: nanoBragg's flags, matched as nanoBragg matches them.

   Knows words and units. Values are not consumed: the scan goes on with the next argument, so one argument may match
   several patterns, and a value that begins with `-` is looked at as a flag too (facts: command line). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nanobragg.h"

typedef enum { ANYWHERE, WHOLE } Match;              /* where the pattern must stand in the argument */
typedef enum { NUMBER, COUNT, WORD, DIRECTION, CHOICE, CALL } Kind;
typedef enum { PLAIN, MM, UM, DEGREE, MRAD, ANGSTROM, PERCENT } Unit;
enum { TO_BEAM = 1, TO_SAMPLE = 2, TO_CUSTOM = 4, POLAR_ON = 8, PGM_ON = 16, NOISE_ON = 32, LAST = 64, NEEDED = 128 };

/* Takes what follows the argument; false: no further pattern is tried on it. */
typedef bool Handler(Options *options, int left, char **values);

typedef struct {
	const char *pattern;
	Match match;
	Kind kind;
	size_t field;
	int detail;                                      /* NUMBER, DIRECTION: the unit; CHOICE: the value stored */
	unsigned effects;
	int values;                                      /* ignored if fewer arguments follow */
	Handler *call;
} Flag;

/* units.1-5, .8   command line to internal units; dividing, where the original divides, keeps the last bit. */
static double internal(double value, Unit unit)
{
	switch (unit) {
	case MM: return value / 1000.0;
	case UM: return value / 1e6;
	case DEGREE: return value / RTD;
	case MRAD: return value / 1000.0;
	case ANGSTROM: return value / 1e10;
	case PERCENT: return value / 100.0;
	default: return value;
	}
}

static double number(const char *text) { return strtod(text, NULL); }

static int whole(const char *text)
{
	long value = strtol(text, NULL, 10);
	return value > 2147483647L ? 2147483647 : value < -2147483647L ? -2147483647 : (int)value;
}

/* units.7   lambda0 = (12398.42 / E) / 1e10; of wavelength and energy the later flag wins. */
static bool take_energy(Options *options, int left, char **values)
{
	(void)left;
	options->lambda0 = 12398.42 / number(values[0]) / 1e10;
	return true;
}

/* Up to six values; the first that begins with `-` ends the list. */
static bool take_cell(Options *options, int left, char **values)
{
	int i;
	options->cell_given = 1;
	for (i = 0; i < 6 && i < left && values[i][0] != '-'; i++)
		options->cell[i] = internal(number(values[i]), i < 3 ? PLAIN : DEGREE);
	return i == 6;
}

/* cli.22   A word with `rand`, or three angles. In the program -misset_seed matches as well: its number is then the first
   angle (quirk misset_seed_misset, D13). */
static bool take_misset(Options *options, int left, char **values)
{
	if (strstr(values[-1], "-misset_seed") && !has_quirk(options, QUIRK_MISSET_SEED_MISSET))
		return true;
	options->random_misset = strstr(values[0], "rand") != NULL || (options->random_misset && left < 3);
	if (strstr(values[0], "rand"))
		return false;
	for (int i = 0; i < 3 && left >= 3; i++)
		options->misset[i] = internal(number(values[i]), DEGREE);
	return true;
}

/* random.5-7   A seed n is the state -n. */
static bool take_misset_seed(Options *options, int left, char **values)
{
	(void)left;
	options->misset_seed = -(int64_t)whole(values[0]);
	options->misset_seed_given = 1;
	return true;
}

static bool take_mosaic_seed(Options *options, int left, char **values)
{
	(void)left;
	options->mosaic_seed = -(int64_t)whole(values[0]);
	return true;
}

static bool take_seed(Options *options, int left, char **values)
{
	(void)left;
	options->seed = -(int64_t)whole(values[0]);
	return true;
}

static bool take_beamsize(Options *options, int left, char **values)
{
	(void)left;
	options->beamsize = internal(number(values[0]), MM);
	options->beamsize_given = 1;
	return true;
}

/* cli.11   See choose_pivot: -pivot wins over everything; in the program over earlier flags alone. */
static bool take_pivot(Options *options, int left, char **values)
{
	(void)left;
	if (strstr(values[0], "sample"))
		options->pivot = options->explicit_pivot = PIVOT_SAMPLE;
	if (strstr(values[0], "beam"))
		options->pivot = options->explicit_pivot = PIVOT_BEAM;
	return true;
}

/* cli.17   No value is needed; in the program something must follow (quirk curved_last_ignored, D12). */
static bool take_curved(Options *options, int left, char **values)
{
	(void)values;
	if (left > 0 || !has_quirk(options, QUIRK_CURVED_LAST_IGNORED))
		options->curved = 1;
	return true;
}

/* units.10   mu = 1/depth.   cli.16   `inf` or 0 switches absorption off, and the thickness with it: see complete_absorption;
   in the program the one given so far (quirk absorption_off_by_order, D38). */
static bool take_attenuation(Options *options, int left, char **values)
{
	double depth = number(values[0]);
	(void)left;
	options->mu = 1.0 / (depth * 1e-6);
	if (!strstr(values[0], "inf") && depth != 0.0)
		return true;
	options->mu = 0.0;
	if (has_quirk(options, QUIRK_ABSORPTION_OFF_BY_ORDER))
		options->thickness.range = 0.0;
	return true;
}

static bool take_roi(Options *options, int left, char **values)
{
	(void)left;
	for (int i = 0; i < 4; i++)
		options->roi[i] = whole(values[i]);
	return true;
}

static bool take_printout_pixel(Options *options, int left, char **values)
{
	(void)left;
	for (int i = 0; i < 2; i++)
		options->printout_pixel[i] = whole(values[i]);
	return true;
}

static bool take_trace_pixel(Options *options, int left, char **values)
{
	(void)left;
	for (int i = 0; i < 2; i++)
		options->trace_pixel[i] = whole(values[i]);
	return true;
}

#define REAL(pattern, match, field, unit, effects) \
	{ pattern, match, NUMBER, offsetof(Options, field), unit, effects, 1, NULL }
#define INT(pattern, match, field, effects) { pattern, match, COUNT, offsetof(Options, field), 0, effects, 1, NULL }
#define TEXT(pattern, field, effects) { pattern, ANYWHERE, WORD, offsetof(Options, field), 0, effects, 1, NULL }
#define VECTOR(pattern, field) { pattern, ANYWHERE, DIRECTION, offsetof(Options, field), PLAIN, TO_CUSTOM, 3, NULL }
#define SET(pattern, field, value, effects) { pattern, ANYWHERE, CHOICE, offsetof(Options, field), value, effects, 0, NULL }
#define CALLS(pattern, match, values, function) { pattern, match, CALL, 0, 0, 0, values, function }

/* Rows with one pattern act together; the order matters only before a row with LAST. */
static const Flag flags[] = {
	TEXT("-mat", matrix, 0),
	{ "-cell", ANYWHERE, CALL, 0, 0, 0, 1, take_cell },
	CALLS("-misset", ANYWHERE, 1, take_misset),
	CALLS("-misset_seed", ANYWHERE, 1, take_misset_seed),
	TEXT("-hkl", hkl, 0),
	TEXT("-dump", dump, 0),
	REAL("-default_F", ANYWHERE, default_F, PLAIN, 0),
	INT("-Na", ANYWHERE, N[0], LAST),
	INT("-Nb", ANYWHERE, N[1], LAST),
	INT("-Nc", ANYWHERE, N[2], LAST),
	INT("-N", WHOLE, N[0], 0),
	INT("-N", WHOLE, N[1], 0),
	INT("-N", WHOLE, N[2], LAST),
	REAL("-samplesize", ANYWHERE, sample[0], MM, 0),
	REAL("-samplesize", ANYWHERE, sample[1], MM, 0),
	REAL("-samplesize", ANYWHERE, sample[2], MM, 0),
	REAL("-sample_size", ANYWHERE, sample[0], MM, 0),
	REAL("-sample_size", ANYWHERE, sample[1], MM, 0),
	REAL("-sample_size", ANYWHERE, sample[2], MM, 0),
	REAL("-xtalsize", ANYWHERE, sample[0], MM, 0),
	REAL("-xtalsize", ANYWHERE, sample[1], MM, 0),
	REAL("-xtalsize", ANYWHERE, sample[2], MM, 0),
	REAL("-xtal_size", ANYWHERE, sample[0], MM, 0),
	REAL("-xtal_size", ANYWHERE, sample[1], MM, 0),
	REAL("-xtal_size", ANYWHERE, sample[2], MM, 0),
	REAL("-sample_thick", ANYWHERE, sample[0], MM, 0),
	REAL("-sample_x", ANYWHERE, sample[0], MM, 0),
	REAL("-xtal_thick", ANYWHERE, sample[0], MM, 0),
	REAL("-xtal_x", ANYWHERE, sample[0], MM, 0),
	REAL("-sample_width", ANYWHERE, sample[1], MM, 0),
	REAL("-sample_y", ANYWHERE, sample[1], MM, 0),
	REAL("-xtal_width", ANYWHERE, sample[1], MM, 0),
	REAL("-xtal_y", ANYWHERE, sample[1], MM, 0),
	REAL("-width", ANYWHERE, sample[1], MM, 0),
	REAL("-sample_heigh", ANYWHERE, sample[2], MM, 0),
	REAL("-sample_z", ANYWHERE, sample[2], MM, 0),
	REAL("-xtal_heigh", ANYWHERE, sample[2], MM, 0),
	REAL("-xtal_z", ANYWHERE, sample[2], MM, 0),
	REAL("-heigh", ANYWHERE, sample[2], MM, 0),
	SET("-square_xtal", shape, SQUARE, 0),
	SET("-round_xtal", shape, ROUND, 0),
	SET("-gauss_xtal", shape, GAUSS, 0),
	SET("-tophat_spots", shape, TOPHAT, 0),
	SET("-binary_spots", shape, TOPHAT, 0),
	REAL("-fudge", ANYWHERE, fudge, PLAIN, 0),

	REAL("-mosaic", WHOLE, mosaic_spread, DEGREE, 0),
	REAL("-mosaici", ANYWHERE, mosaic_spread, DEGREE, 0),
	REAL("-mosaic_spr", ANYWHERE, mosaic_spread, DEGREE, 0),
	INT("-mosaic_dom", ANYWHERE, mosaic_domains, 0),
	CALLS("-mosaic_seed", ANYWHERE, 1, take_mosaic_seed),
	REAL("-phi", WHOLE, phi0, DEGREE, 0),
	REAL("-osc", ANYWHERE, phi.range, DEGREE, 0),
	REAL("-phistep", WHOLE, phi.step, DEGREE, 0),
	INT("-phisteps", ANYWHERE, phi.count, 0),

	REAL("-lambda", ANYWHERE, lambda0, ANGSTROM, 0),
	REAL("-wave", ANYWHERE, lambda0, ANGSTROM, 0),
	CALLS("-energy", ANYWHERE, 1, take_energy),
	REAL("-dispersion", ANYWHERE, dispersion.range, PERCENT, 0),
	INT("-dispsteps", ANYWHERE, dispersion.count, 0),
	REAL("-divergence", ANYWHERE, hdiv.range, MRAD, 0),
	REAL("-divergence", ANYWHERE, vdiv.range, MRAD, 0),
	REAL("-hdivrange", ANYWHERE, hdiv.range, MRAD, 0),
	REAL("-vdivrange", ANYWHERE, vdiv.range, MRAD, 0),
	REAL("-hdivstep", WHOLE, hdiv.step, MRAD, 0),
	REAL("-vdivstep", WHOLE, vdiv.step, MRAD, 0),
	INT("-hdivsteps", ANYWHERE, hdiv.count, 0),
	INT("-vdivsteps", ANYWHERE, vdiv.count, 0),
	INT("-divsteps", ANYWHERE, hdiv.count, 0),
	INT("-divsteps", ANYWHERE, vdiv.count, 0),
	SET("-round_div", round_divergence, 1, 0),
	SET("-square_div", round_divergence, 0, 0),
	TEXT("-sourcefile", sourcefile, 0),
	REAL("-fluence", ANYWHERE, fluence, PLAIN, 0),
	REAL("-flux", ANYWHERE, flux, PLAIN, 0),
	REAL("-exposure", ANYWHERE, exposure, PLAIN, 0),
	CALLS("-beamsize", ANYWHERE, 1, take_beamsize),
	REAL("-polar", WHOLE, kahn, PLAIN, POLAR_ON),
	SET("-nopolar", nopolar, 1, 0),

	REAL("-Xbeam", ANYWHERE, Xbeam, MM, TO_BEAM),
	REAL("-Ybeam", ANYWHERE, Ybeam, MM, TO_BEAM),
	REAL("-Xclose", ANYWHERE, Xclose, MM, TO_SAMPLE),
	REAL("-Yclose", ANYWHERE, Yclose, MM, TO_SAMPLE),
	REAL("-ORGX", ANYWHERE, ORGX, PLAIN, TO_SAMPLE),
	REAL("-ORGY", ANYWHERE, ORGY, PLAIN, TO_SAMPLE),
	REAL("-distance", ANYWHERE, distance, MM, TO_BEAM),
	REAL("-close_distance", ANYWHERE, close_distance, MM, TO_SAMPLE),
	CALLS("-pivot", ANYWHERE, 1, take_pivot),
	SET("-mosflm", convention, MOSFLM, TO_BEAM),
	SET("-adxv", convention, ADXV, TO_BEAM),
	SET("-denzo", convention, DENZO, TO_BEAM),
	SET("-xds", convention, XDS, TO_SAMPLE),
	SET("-dials", convention, DIALS, TO_BEAM),
	VECTOR("-fdet_vector", fast),
	VECTOR("-sdet_vector", slow),
	VECTOR("-odet_vector", normal),
	VECTOR("-beam_vector", beam),
	VECTOR("-polar_vector", polar),
	VECTOR("-spindle_axis", spindle),
	VECTOR("-twotheta_axis", twotheta_axis),
	{ "-pix0_vector", ANYWHERE, CHOICE, offsetof(Options, convention), CUSTOM, 0, 3, NULL },   /* D01: value unused */
	REAL("-twotheta", ANYWHERE, twotheta, DEGREE, TO_SAMPLE),        /* D08: matches -twotheta_axis as well, a habit */
	REAL("-detector_rotx", ANYWHERE, rotation[X], DEGREE, 0),
	REAL("-detector_roty", ANYWHERE, rotation[Y], DEGREE, 0),
	REAL("-detector_rotz", ANYWHERE, rotation[Z], DEGREE, 0),
	REAL("-detsize", WHOLE, side[FAST], MM, 0),
	REAL("-detsize", WHOLE, side[SLOW], MM, 0),
	REAL("-detsize_f", ANYWHERE, side[FAST], MM, 0),
	REAL("-detsize_s", ANYWHERE, side[SLOW], MM, 0),
	INT("-detpixels", WHOLE, pixels[FAST], 0),
	INT("-detpixels", WHOLE, pixels[SLOW], 0),
	INT("-detpixels_f", ANYWHERE, pixels[FAST], 0),
	INT("-detpixels_x", ANYWHERE, pixels[FAST], 0),
	INT("-detpixels_s", ANYWHERE, pixels[SLOW], 0),
	INT("-detpixels_y", ANYWHERE, pixels[SLOW], 0),
	REAL("-pixel", ANYWHERE, pixel, MM, 0),
	CALLS("-curved_det", ANYWHERE, 0, take_curved),
	SET("-point_pixel", point_pixel, 1, 0),
	{ "-detector_abs", ANYWHERE, CALL, 0, 0, NEEDED, 1, take_attenuation },
	REAL("-detector_thick", WHOLE, thickness.range, UM, NEEDED),
	INT("-detector_thicksteps", ANYWHERE, thickness.count, NEEDED),
	INT("-thicksteps", ANYWHERE, thickness.count, NEEDED),

	SET("-oversample_thick", oversample_thick, 1, LAST),
	SET("-oversample_polar", oversample_polar, 1, LAST),
	SET("-oversample_omega", oversample_omega, 1, LAST),
	INT("-oversample", ANYWHERE, oversample, 0),
	CALLS("-roi", ANYWHERE, 4, take_roi),
	REAL("-dmin", ANYWHERE, dmin, ANGSTROM, 0),
	REAL("-water", ANYWHERE, water, UM, 0),
	SET("-interpolate", interpolate, 1, 0),
	SET("-nointerpolate", interpolate, 0, 0),

	TEXT("-floatfile", floatfile, 0),
	TEXT("-floatimage", floatfile, 0),
	TEXT("-intfile", intfile, 0),
	TEXT("-intimage", intfile, 0),
	TEXT("-pgmfile", pgmfile, PGM_ON),
	TEXT("-pgmimage", pgmfile, PGM_ON),
	SET("-nopgm", write_pgm, 0, 0),
	SET("-nonoise", write_noise, 0, 0),
	TEXT("-noisefile", noisefile, NOISE_ON),
	TEXT("-noiseimage", noisefile, NOISE_ON),
	CALLS("-seed", ANYWHERE, 1, take_seed),
	REAL("-scale", ANYWHERE, scale, PLAIN, 0),
	REAL("-pgmscale", ANYWHERE, pgm_scale, PLAIN, PGM_ON),
	REAL("-adc", ANYWHERE, adc, PLAIN, 0),
	SET("-printout", printout, 1, 0),
	CALLS("-printout_pixel", ANYWHERE, 2, take_printout_pixel),
	CALLS("-trace_pixel", ANYWHERE, 2, take_trace_pixel),
};

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
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
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
		.write_pgm = 1, .write_noise = 1, .adc = 40.0, .printout_pixel = { -1, -1 }, .trace_pixel = { -1, -1 },
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
