/* The table of flags: each word, where it must stand, what it sets and in which unit. */
#include <stdlib.h>
#include <string.h>

#include "flags.h"

/* units.1-5, .8   command line to internal units; dividing, where the original divides, keeps the last bit. */
double internal(double value, Unit unit)
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

double number(const char *text) { return strtod(text, NULL); }

int whole(const char *text)
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
	options->mosaic_seed_given = 1;
	return true;
}

static bool take_seed(Options *options, int left, char **values)
{
	(void)left;
	options->seed = -(int64_t)whole(values[0]);
	options->seed_given = 1;
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
const Flag flags[] = {
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
const size_t n_flags = sizeof flags / sizeof flags[0];
