/* What the program leaves behind: float image, integer image (SMV), preview (PGM), statistics, the printed summary. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nanobragg.h"

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

static bool in_roi(const Detector *detector, int slow, int fast)
{
	const int *roi = detector->roi;
	return fast >= roi[0] && fast <= roi[1] && slow >= roi[2] && slow <= roi[3];
}

/* output.1, .2   Headerless singles, index = slow*fpixels + fast. */
static void write_float(const Run *run, const float *image)
{
	const char *path = run->options->floatfile;
	FILE *file = create(path);
	fwrite(image, sizeof(float), pixel_count(&run->detector), file);
	finish(file, path);
}

/* ---- statistics ---- */

typedef struct { double sum, squares; long count; } Sums;

/* output.13   The first of the largest values, at the last subpixel of its pixel. */
static void note_maximum(const Run *run, Statistics *statistics, double value, int slow, int fast)
{
	if (!(value > statistics->max))
		return;
	statistics->max = value;
	statistics->max_fast = run->subpixel * ((fast + 1.0) * run->oversample - 1.0) + run->subpixel / 2.0;
	statistics->max_slow = run->subpixel * ((slow + 1.0) * run->oversample - 1.0) + run->subpixel / 2.0;
}

static double root_mean(double squares, long count) { return sqrt(squares / (double)(count > 2 ? count - 1 : 1)); }

/* output.16   rmsd = sqrt(sum((v-mean)^2)/(n-1)) in a second pass. */
static double deviation(const Run *run, const float *image, double mean)
{
	const Detector *detector = &run->detector;
	double squares = 0.0;
	long count = 0;
	for (int slow = 0; slow < detector->pixels[SLOW]; slow++)
		for (int fast = 0; fast < detector->pixels[FAST]; fast++)
			if (in_roi(detector, slow, fast)) {
				double value = image[(size_t)slow * (size_t)detector->pixels[FAST] + (size_t)fast];
				squares += (value - mean) * (value - mean);
				count++;
			}
	return root_mean(squares, count);
}

/* output.14   mean = sum/n.   output.15   rms = sqrt(sum(v^2)/(n-1)), each square in single precision.
   output.18   of the float image, in pixel order: the same for any number of threads. */
Statistics image_statistics(const Run *run, const float *image)
{
	const Detector *detector = &run->detector;
	Statistics statistics = { 0 };
	Sums sums = { 0 };
	for (int slow = 0; slow < detector->pixels[SLOW]; slow++)
		for (int fast = 0; fast < detector->pixels[FAST]; fast++)
			if (in_roi(detector, slow, fast)) {
				float value = image[(size_t)slow * (size_t)detector->pixels[FAST] + (size_t)fast];
				sums.sum += value;
				sums.squares += value * value;
				sums.count++;
				note_maximum(run, &statistics, value, slow, fast);
			}
	statistics.mean = sums.sum / (double)(sums.count > 1 ? sums.count : 1);
	statistics.rms = root_mean(sums.squares, sums.count);
	statistics.rmsd = deviation(run, image, statistics.mean);
	return statistics;
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
	printf("writing %s as 2-byte integers\n", run->options->intfile);
	write_smv(run, run->options->intfile, pixels);
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
		fputc(value > 0.0 ? (int)value : 0, file);
	}
	finish(file, path);
	printf("wrote %s\n", path);
}

/* output.5   55000/max if max > 0, else 1.   output.10   250/(5 rmsd) if rmsd > 0, else the integer scale. */
void write_images(const Run *run, const float *image, const Statistics *statistics)
{
	const Options *options = run->options;
	double scale = options->scale > 0.0 ? options->scale : statistics->max > 0.0 ? 55000.0 / statistics->max : 1.0;
	double pgm = statistics->rmsd > 0.0 ? 250.0 / (5.0 * statistics->rmsd) : scale;
	if (options->pgm_scale > 0.0)
		pgm = options->pgm_scale;
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
}

/* ---- the printed summary ---- */

static void print_vector(const char *name, const double *v) { printf("%s %g %g %g\n", name, v[X], v[Y], v[Z]); }

static double angle_between(const double *u, const double *v) { return acos(dot(u, v) / (norm(u) * norm(v))) * RTD; }

static void print_cell(const char *name, const Cell *cell)
{
	printf("%s %g %g %g %g %g %g\n", name, norm(cell->v[0]), norm(cell->v[1]), norm(cell->v[2]),
	       angle_between(cell->v[1], cell->v[2]), angle_between(cell->v[2], cell->v[0]),
	       angle_between(cell->v[0], cell->v[1]));
}

static void print_crystal(const Run *run)
{
	static const char *const names[] = { "A", "B", "C" };
	const Crystal *crystal = &run->crystal;
	print_cell("Unit Cell:", &crystal->direct);
	print_cell("Recp Cell:", &crystal->reciprocal);
	printf("volume = %g A^3\n", crystal->volume);
	for (int i = 0; i < 3; i++)
		printf("%s: %12.8f %12.8f %12.8f   %s*: %12.8f %12.8f %12.8f\n", names[i], crystal->direct.v[i][X],
		       crystal->direct.v[i][Y], crystal->direct.v[i][Z], names[i], crystal->reciprocal.v[i][X],
		       crystal->reciprocal.v[i][Y], crystal->reciprocal.v[i][Z]);
	printf("crystal is %g x %g x %g microns, %d x %d x %d cells\n", crystal->length[0] * crystal->N[0] * 1e6,
	       crystal->length[1] * crystal->N[1] * 1e6, crystal->length[2] * crystal->N[2] * 1e6, crystal->N[0],
	       crystal->N[1], crystal->N[2]);
	printf("%d structure factors, default_F %g\n", run->table.n_hkls, run->options->default_F);
}

static void print_detector(const Run *run)
{
	static const char *const conventions[] = { "ADXV", "MOSFLM", "DENZO", "XDS", "DIALS", "custom" };
	const Detector *d = &run->detector;
	Vec incident;
	set(incident, dot(d->beam, d->fast), dot(d->beam, d->slow), dot(d->beam, d->normal));
	printf("%s convention selected\n", conventions[d->convention]);
	printf("pivoting detector around %s\n", d->pivot == PIVOT_SAMPLE ? "sample" : "direct beam spot");
	print_vector("XDS incident beam:", incident);
	printf("distance= %g\ndetsize= %g x %g pixel= %g pixels= %d x %d\n", d->distance, d->side[FAST], d->side[SLOW],
	       d->pixel, d->pixels[FAST], d->pixels[SLOW]);
	printf("sensor: %g m thick, %d layers, mu= %g\n", d->thickness.range, d->thickness.count, d->mu);
	printf("Xbeam= %g Ybeam= %g\nFbeam= %g Sbeam= %g\n", d->Xbeam, d->Ybeam, d->Fbeam, d->Sbeam);
	printf("Xclose= %g Yclose= %g\nFclose= %g Sclose= %g\n", d->Xclose, d->Yclose, d->Fclose, d->Sclose);
	print_vector("detector x axis:", d->fast);
	print_vector("detector y axis:", d->slow);
	print_vector("detector z axis:", d->normal);
	print_vector("beam direction:", d->beam);
	print_vector("spindle axis:", d->spindle);
	print_vector("DIALS origin (mm):", d->dials_origin);
	printf("roi: %d < x < %d && %d < y < %d\n", d->roi[0], d->roi[1], d->roi[2], d->roi[3]);
}

static void print_beam(const Run *run)
{
	const Beam *beam = &run->beam;
	printf("fluence = %g photons/m^2, Kahn polarization factor %g\n", beam->fluence, run->options->kahn);
	printf("hdiv range %g step %g, vdiv range %g step %g\n", beam->hdiv.range, beam->hdiv.step, beam->vdiv.range,
	       beam->vdiv.step);
	printf("%d sources:\n", beam->n_sources);
	for (int i = 0; i < beam->n_sources; i++)
		printf("%g %g %g   %g %.15g\n", beam->sources[i].direction[X], beam->sources[i].direction[Y],
		       beam->sources[i].direction[Z], beam->sources[i].weight, beam->sources[i].wavelength);
}

void print_summary(const Run *run)
{
	print_detector(run);
	print_crystal(run);
	print_beam(run);
	printf("phi steps: %d from %g by %g deg; mosaic domains: %d; oversample: %d; steps: %d\n", run->phi.count,
	       run->options->phi0 * RTD, run->phi.step * RTD, run->mosaic_domains, run->oversample, run->steps);
}
