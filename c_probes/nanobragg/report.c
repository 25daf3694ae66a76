/* The printed summary: what a run is made of, before its pixels. General format, six digits, unless noted. */
#include <stdio.h>

#include "nanobragg.h"

enum { LONGEST_LIST = 64 };                          /* of what is listed, the first so many are printed */

static void print_vector(const char *name, const double *v) { printf("%s %g %g %g\n", name, v[X], v[Y], v[Z]); }

static double clip(double value) { return value > 1.0 ? 1.0 : value < -1.0 ? -1.0 : value; }

/* crystal.11   The angle between v and w has the sine u* V/(v w), u* being the length of the third one's reciprocal vector. */
static double angle(const double *v, const double *w, double reciprocal, double volume)
{
	double product = norm(v) * norm(w), cosine = dot(v, w) / product;
	return atan2(clip(reciprocal * volume / product), cosine * cosine > 1.0 ? 1.0 : cosine) * RTD;
}

static void print_cell(const char *name, const Cell *cell, const Cell *other, double volume)
{
	const Vec *v = (const Vec *)cell->v, *w = (const Vec *)other->v;
	printf("%s %g %g %g %g %g %g\n", name, norm(v[0]), norm(v[1]), norm(v[2]), angle(v[1], v[2], norm(w[0]), volume),
	       angle(v[2], v[0], norm(w[1]), volume), angle(v[0], v[1], norm(w[2]), volume));
}

static void print_cells(const Crystal *crystal)
{
	static const char *const names[] = { "A", "B", "C" };
	print_cell("Unit Cell:", &crystal->direct, &crystal->reciprocal, crystal->volume);
	print_cell("Recp Cell:", &crystal->reciprocal, &crystal->direct, 1.0 / crystal->volume);
	printf("volume = %g A^3\n", crystal->volume);
	for (int i = 0; i < 3; i++) {
		const double *v = crystal->direct.v[i], *r = crystal->reciprocal.v[i];
		printf("%s: %12.8f %12.8f %12.8f   %s*: %12.8f %12.8f %12.8f\n", names[i], v[X], v[Y], v[Z], names[i], r[X], r[Y], r[Z]);
	}
}

static void print_crystal(const Run *run)
{
	static const char *const shapes[] = { "parallelpiped", "ellipsoid", "gaussian", "tophat spots" };
	const Crystal *crystal = &run->crystal;
	const int *N = crystal->N;
	print_cells(crystal);
	printf("crystal is %g x %g x %g microns: %s of %d x %d x %d cells\n", crystal->length[0] * N[0] * 1e6,
	       crystal->length[1] * N[1] * 1e6, crystal->length[2] * N[2] * 1e6, shapes[run->options->shape], N[0], N[1], N[2]);
	/* at 1.2 g/cm^3, of a box with these edges and right angles */
	printf("approximate MW = %g\n", crystal->length[0] * crystal->length[1] * crystal->length[2] * 1.2e6 * AVOGADRO);
	printf("%d structure factors, default_F= %g\n", run->table.n_hkls, run->options->default_F);
}

static void print_interpolation(const Options *options, const Crystal *crystal)
{
	const int *N = has_quirk(options, QUIRK_MODE_BEFORE_SIZE) ? options->N : crystal->N;
	if (options->interpolate < 0)
		printf("auto-selected %s\n", N[0] <= 2 || N[1] <= 2 || N[2] <= 2 ? "tricubic interpolation of structure factors"
		                                                               : "no interpolation");
}

/* sampling.6   A number that was given and is too small is used, and said. */
static void print_oversample(const Run *run)
{
	double recommended = recommended_oversample(run->options, &run->detector, &run->crystal);
	if (run->options->oversample <= 0)
		printf("auto-selected %d-fold oversampling\n", run->oversample);
	else if (recommended > run->oversample)
		printf("WARNING: %d-fold oversampling; %g-fold would be recommended for a crystal of this size\n", run->oversample,
		       recommended);
}

static void print_conventions(const Detector *d)
{
	static const char *const conventions[] = { "ADXV", "MOSFLM", "DENZO", "XDS", "DIALS", "custom" };
	Vec incident;
	set(incident, dot(d->beam, d->fast), dot(d->beam, d->slow), dot(d->beam, d->normal));
	printf("%s convention selected\n", conventions[d->convention]);
	printf("pivoting detector around %s\n", d->pivot == PIVOT_SAMPLE ? "sample" : "direct beam spot");
	print_vector("XDS incident beam:", incident);
}

static void print_detector(const Detector *d)
{
	Vec normal;
	cross(d->beam, d->polar, normal);
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
	print_vector("polarization plane normal:", normal);
	print_vector("DIALS origin (mm):", d->dials_origin);
	printf("roi: %d < x < %d && %d < y < %d\n", d->roi[0], d->roi[1], d->roi[2], d->roi[3]);
}

static void print_steps(const Run *run)
{
	printf("layer depths (um):");
	for (int i = 0; i < run->detector.thickness.count && i < LONGEST_LIST; i++)
		printf(" %g", i * run->detector.thickness.step * 1e6);
	printf("\nphi (deg):");
	for (int j = 0; j < run->phi.count && j < LONGEST_LIST; j++)
		printf(" %g", phi_angle(run, j) * RTD);
	putchar('\n');
}

/* Each point of the divergence grid has all the wavelengths, one after the other. */
static void print_divergence(const Beam *beam)
{
	printf("divergence deviations (rad):");
	for (int i = 0; i < beam->n_sources && i < LONGEST_LIST; i += beam->dispersion.count)
		printf(" %g %g", beam->sources[i].h, beam->sources[i].v);
	printf("\nwavelengths (m):");
	for (int i = 0; i < beam->n_sources && i < beam->dispersion.count && i < LONGEST_LIST; i++)
		printf(" %.15g", beam->sources[i].wavelength);
	putchar('\n');
}

static void print_beam(const Run *run)
{
	const Beam *beam = &run->beam;
	bool generated = !run->options->sourcefile;
	if (generated)
		print_divergence(beam);
	printf("%d sources (x y z weight wavelength):\n", beam->n_sources);
	for (int i = 0; i < beam->n_sources && i < LONGEST_LIST; i++) {
		const Source *source = &beam->sources[i];
		printf("%g %g %g   %g %.6g\n", source->position[X], source->position[Y], source->position[Z], source->weight,
		       source->wavelength);
	}
	printf("fluence= %g photons/m^2, Kahn polarization factor %f\n", beam->fluence, run->options->kahn);
	printf("hdiv range: %g step: %g\nvdiv range: %g step: %g\n", beam->hdiv.range, beam->hdiv.step, beam->vdiv.range,
	       beam->vdiv.step);
	printf("%d divergence steps\n", generated ? beam->n_sources / beam->dispersion.count : -1);
}

void print_summary(const Run *run)
{
	double start = run->options->phi0 * RTD;
	print_conventions(&run->detector);
	print_interpolation(run->options, &run->crystal);
	print_crystal(run);
	print_oversample(run);
	print_steps(run);
	print_beam(run);
	print_detector(&run->detector);
	printf("%d mosaic domains over mosaic spread of %g deg\n", run->mosaic_domains, run->mosaic_spread * RTD);
	printf("%d phi steps from %g to %g degrees\n", run->phi.count, start, start + run->phi.range * RTD);
	printf("%dx%d pixel oversample steps, %d steps in all\n", run->oversample, run->oversample, run->steps);
}
