/* What the program leaves behind: float image, integer and noise image (SMV), preview (PGM). */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nanobragg.h"
#include "quantities.h"

enum { SMV_HEADER = 512 };

static FILE *create(const char *path)
{
	FILE *file = fopen(path, "wb");
	if (!file)
		refuse("cannot write %s: %s", path, strerror(errno));
	return file;
}

/* A full disk often shows only when the last buffer goes out, so the result of closing counts. */
static void finish(FILE *file, const char *path)
{
	bool failed = ferror(file) || fflush(file) != 0;
	if (fclose(file) != 0 || failed)
		refuse("cannot write %s: %s", path, strerror(errno));
}

static size_t pixel_count(const Detector *detector)
{
	return (size_t)detector->pixels[FAST] * (size_t)detector->pixels[SLOW];
}

/* output.1, .2   Headerless singles, index = slow*fpixels + fast. */
static void write_float(const Run *run, const float *image)
{
	const char *path = run->options->floatfile;
	FILE *file = create(path);
	fwrite(image, sizeof(float), pixel_count(&run->detector), file);
	finish(file, path);
}

/* What becomes of each pixel, also of one that the loops left out (sampling.2, .3). */
static void trace_pixels(const Run *run, const float *image, const uint16_t *integers)
{
	size_t width = (size_t)run->detector.pixels[FAST], count = pixel_count(&run->detector);
	(void)image, (void)integers;
#ifdef CONFORM_PROBES
	if (!conform_is_tracing())
		return;                                             /* or every pixel would ask, of every value */
#endif
#ifdef _OPENMP
#pragma omp parallel for default(none) shared(run, image, integers, width, count) schedule(static)
#endif
	for (size_t i = 0; i < count; i++) {
		int slow = (int)(i / width), fast = (int)(i % width);
		(void)slow, (void)fast;
		CONFORM_PIXEL(slow, fast);
		CONFORM_PUT_INT(outside_roi, !in_roi(&run->detector, slow, fast));
		CONFORM_PUT_INT(masked, is_masked(run, slow, fast));
		CONFORM_PUT(image, (double)image[i]);
		CONFORM_PUT_INT(int_image, integers[i]);
		if (run->options->mask && i < run->options->mask_pixels)
			CONFORM_PUT(mask, (double)run->options->mask[i]);
	}
	CONFORM_RUN_LEVEL();
}

/* ---- integer image ---- */

/* Appends `KEY=value...` to a header; a header that outgrows its room would be a bug of ours. */
#define ADD(...) (length += (size_t)snprintf(header + length, room - length, __VA_ARGS__))

/* output.4   The keys in their order; only DIALS_ORIGIN and the brackets have no semicolon. */
static size_t smv_header(const Run *run, char *header, size_t room)
{
	const Detector *d = &run->detector;
	const uint16_t one = 1;
	double half = d->pixel / 2.0;
	size_t length = 0;
	ADD("{\nHEADER_BYTES=%d;\nDIM=2;\nBYTE_ORDER=%s;\nTYPE=unsigned_short;\n", SMV_HEADER,
	    *(const unsigned char *)&one ? "little_endian" : "big_endian");
	ADD("SIZE1=%d;\nSIZE2=%d;\nPIXEL_SIZE=%g;\nDISTANCE=%g;\n", d->pixels[FAST], d->pixels[SLOW], d->pixel * 1000.0,
	    d->distance * 1000.0);
	ADD("WAVELENGTH=%g;\n", run->options->lambda0 * 1e10);
	ADD("BEAM_CENTER_X=%g;\nBEAM_CENTER_Y=%g;\n", d->Xbeam * 1000.0, d->Ybeam * 1000.0);
	ADD("ADXV_CENTER_X=%g;\nADXV_CENTER_Y=%g;\n", d->Fbeam * 1000.0, (d->side[SLOW] - d->Sbeam) * 1000.0);
	ADD("MOSFLM_CENTER_X=%g;\nMOSFLM_CENTER_Y=%g;\n", (d->Sbeam - half) * 1000.0, (d->Fbeam - half) * 1000.0);
	ADD("DENZO_X_BEAM=%g;\nDENZO_Y_BEAM=%g;\n", d->Sbeam * 1000.0, d->Fbeam * 1000.0);
	ADD("DIALS_ORIGIN=%g,%g,%g\n", d->dials_origin[0], d->dials_origin[1], d->dials_origin[2]);
	ADD("XDS_ORGX=%g;\nXDS_ORGY=%g;\nCLOSE_DISTANCE=%g;\n", d->ORGX, d->ORGY, d->close_distance * 1000.0);
	ADD("PHI=%g;\nOSC_START=%g;\nOSC_RANGE=%g;\n", run->options->phi0 * RTD, run->options->phi0 * RTD,
	    run->phi.range * RTD);
	ADD("TWOTHETA=%g;\nDETECTOR_SN=000;\nBEAMLINE=fake;\n}\f", run->options->twotheta * RTD);
	return length;
}

/* output.3   The header, padded with blanks to 512 characters. */
static void write_smv(const Run *run, const char *path, const uint16_t *pixels)
{
	char header[2 * SMV_HEADER];
	size_t length = smv_header(run, header, sizeof header);
	FILE *file = create(path);
	fwrite(header, 1, length, file);
	for (; length < SMV_HEADER; length++)
		fputc(' ', file);
	fwrite(pixels, sizeof *pixels, pixel_count(&run->detector), file);
	finish(file, path);
}

/* output.6   v = image*scale + offset, clipped to [0,65535], floor(single(v + 0.5)) (D48). Not a number counts as 0. */
static uint16_t counts(double value, double scale, double offset)
{
	double v = value * scale + offset;
	v = v > 65535.0 ? 65535.0 : v > 0.0 ? v : 0.0;
	return (uint16_t)fmin(floor((double)(float)(v + 0.5)), 65535.0);
}

static void write_integer(const Run *run, const float *image, double scale)
{
	const Detector *detector = &run->detector;
	uint16_t *pixels = allocate(pixel_count(detector), sizeof *pixels);
	for (int slow = 0; slow < detector->pixels[SLOW]; slow++)
		for (int fast = 0; fast < detector->pixels[FAST]; fast++) {
			size_t i = (size_t)slow * (size_t)detector->pixels[FAST] + (size_t)fast;
			if (in_roi(detector, slow, fast))
				pixels[i] = counts(image[i], scale, run->options->adc);
		}
	trace_pixels(run, image, pixels);
	printf("writing %s as 2-byte integers\n", run->options->intfile);
	write_smv(run, run->options->intfile, pixels);
	free(pixels);
}

/* ---- noise image ---- */

typedef struct { double photons; long overloads; } Noise;

/* output.12   draw + offset, at most 65535, which is counted as an overload; truncated (D49). */
static uint16_t noisy_counts(double photons, double offset, Noise *noise)
{
	double value = photons + offset;
	noise->photons += photons;
	if (value > 65535.0) {
		noise->overloads++;
		return 65535;
	}
	return value > 0.0 ? (uint16_t)value : 0;
}

/* output.11   A Poisson deviate of the float image, of every pixel of the region of interest, masked ones too, in the order
   of the file: each draws from the stream. */
static void write_noise(const Run *run, const float *image)
{
	const Detector *detector = &run->detector;
	uint16_t *pixels = allocate(pixel_count(detector), sizeof *pixels);
	int64_t state = run->options->seed;
	Random random = run->random;
	Noise noise = { 0 };
	for (int slow = 0; slow < detector->pixels[SLOW]; slow++)
		for (int fast = 0; fast < detector->pixels[FAST]; fast++) {
			size_t i = (size_t)slow * (size_t)detector->pixels[FAST] + (size_t)fast;
			CONFORM_PIXEL(slow, fast);
			if (in_roi(detector, slow, fast)) {
				float photons = poisson(&random, &state, image[i]);
				CONFORM_PUT(noise_mean, (double)image[i]);
				CONFORM_PUT(drawn, (double)photons);
				pixels[i] = noisy_counts((double)photons, run->options->adc, &noise);
			}
			CONFORM_PUT_INT(noise_image, pixels[i]);
		}
	CONFORM_RUN_LEVEL();
	CONFORM_PUT_INT(overloads, noise.overloads);
	CONFORM_PUT(photons_drawn, noise.photons);
	printf("%.0f photons on noise image (%ld overloads)\nwriting %s as 2-byte integers\n", noise.photons, noise.overloads,
	       run->options->noisefile);
	write_smv(run, run->options->noisefile, pixels);
	free(pixels);
}

/* ---- preview ---- */

/* output.9   floor(min(255, image*pgm_scale)); output.7   0 outside the region of interest, where the image is 0. */
static void write_pgm(const Run *run, const float *image, double scale)
{
	const char *path = run->options->pgmfile;
	FILE *file = create(path);
	fprintf(file, "P5\n%d %d\n# pixels scaled by %g\n255\n", run->detector.pixels[FAST], run->detector.pixels[SLOW], scale);
	for (size_t i = 0; i < pixel_count(&run->detector); i++) {
		double value = fmin(255.0, (double)image[i] * scale);
		int grey = value > 0.0 ? (int)value : 0;
		fputc(grey, file);
		CONFORM_PIXEL(i / (size_t)run->detector.pixels[FAST], i % (size_t)run->detector.pixels[FAST]);
		CONFORM_PUT_INT(pgm_image, grey);
	}
	CONFORM_RUN_LEVEL();
	finish(file, path);
	printf("wrote %s\n", path);
}

/* ---- all of them ---- */

/* output.5   55000/max if max > 0, else 1. */
static double integer_scale(const Options *options, const Statistics *statistics)
{
	if (options->scale > 0.0)
		return options->scale;
	return statistics->max > 0.0 ? 55000.0 / statistics->max : 1.0;
}

/* output.10   250/(5 rmsd) if rmsd > 0, else the integer scale. */
static double preview_scale(const Options *options, const Statistics *statistics)
{
	if (options->pgm_scale > 0.0)
		return options->pgm_scale;
	return statistics->rmsd > 0.0 ? 250.0 / (5.0 * statistics->rmsd) : integer_scale(options, statistics);
}

/* random.5-7   The states that noise, mosaic and orientation start from; not the clock's, which is another in every run. */
static void trace_seeds(const Options *options)
{
	(void)options;
	CONFORM_PUT_INT(mosaic_seed, options->mosaic_seed);
	if (options->seed_given)
		CONFORM_PUT_INT(noise_seed, options->seed);
	if (options->misset_seed_given || (options->random_misset && options->seed_given))
		CONFORM_PUT_INT(misset_seed, options->misset_seed);
	CONFORM_PUT_INT(noise_seed_given, options->seed_given);
	CONFORM_PUT_INT(mosaic_seed_given, options->mosaic_seed_given);
	CONFORM_PUT_INT(misset_seed_given, options->misset_seed_given);
}

/* cli.31   -printout: every pixel, or the chosen one. */
static void print_pixels(const Run *run, const float *image)
{
	const int *chosen = run->options->printout_pixel;
	for (int slow = 0; slow < run->detector.pixels[SLOW]; slow++)
		for (int fast = 0; fast < run->detector.pixels[FAST]; fast++)
			if (in_roi(&run->detector, slow, fast) && (chosen[0] < 0 || (fast == chosen[0] && slow == chosen[1])))
				printf("pixel %d %d (fast slow): %.9g photons\n", fast, slow,
				       (double)image[(size_t)slow * (size_t)run->detector.pixels[FAST] + (size_t)fast]);
}

void write_images(const Run *run, const float *image, const Statistics *statistics)
{
	const Options *options = run->options;
	double scale = integer_scale(options, statistics), pgm = preview_scale(options, statistics);
	CONFORM_PUT_INT(noise_asked, options->write_noise);
	CONFORM_PUT_INT(preview_asked, options->write_pgm);
	CONFORM_PUT(scale_asked, options->scale);
	CONFORM_PUT(integer_scale, scale);
	CONFORM_PUT(adc_offset, options->adc);
	CONFORM_PUT(pgm_scale_asked, options->pgm_scale);
	CONFORM_PUT(pgm_scale, pgm);
	trace_seeds(options);
	if (options->printout)
		print_pixels(run, image);
	printf("writing %s as %zu %zu-byte floats\n", options->floatfile, pixel_count(&run->detector), sizeof(float));
	write_float(run, image);
	printf("max_I = %g  at %g %g\nmean= %g rms= %g rmsd= %g\n", statistics->max, statistics->max_fast,
	       statistics->max_slow, statistics->mean, statistics->rms, statistics->rmsd);
	printf("intfile_scale = %g\n", scale);
	write_integer(run, image, scale);
	if (options->write_pgm) {
		printf("pgm_scale = %g\n", pgm);
		write_pgm(run, image, pgm);
	}
	if (options->write_noise)
		write_noise(run, image);
}
