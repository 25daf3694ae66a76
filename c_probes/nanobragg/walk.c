/* The loop nest: pixel > layer > subpixel (slow, fast) > source > phi > mosaic (sampling.1), one function for each level.

   Knows in which order things happen to a sample, and which of them are left out; the areas of the spec know the rest. */
#include <limits.h>

#include "nanobragg.h"
#include "quantities.h"

/* sampling.14   x0 = ceil(x - 0.5): halves go down. What no integer can hold is out of every table. */
static int nearest(double x)
{
	double rounded = ceil(x - 0.5);
	return rounded > INT_MIN && rounded < INT_MAX ? (int)rounded : INT_MIN;
}

/* crystal.16   (a,b,c) = U_m (ap,bp,cp) if there is a mosaic spread; without one, the cell itself. */
const Cell *mosaic_cell(Walk *walk, int domain)
{
	const Matrix *U = &walk->run->mosaic_rotation[domain];
	if (!(walk->run->mosaic_spread > 0.0))
		return walk->cell_phi;
	for (int i = 0; i < 3; i++) {
		const double *v = walk->cell_phi->v[i];
		set(walk->cell.v[i], dot(U->row[X], v), dot(U->row[Y], v), dot(U->row[Z], v));
	}
	return &walk->cell;
}

static void each_domain(Walk *walk, int domain)
{
	const Run *run = walk->run;
	const Cell *cell = mosaic_cell(walk, domain);
	double hkl[3], F_latt, F_cell;
	int hkl0[3];
	bool vanishes;
	for (int i = 0; i < 3; i++) {
		hkl[i] = dot(cell->v[i], walk->q);              /* sampling.13   h = a.q, k = b.q, l = c.q */
		hkl0[i] = nearest(hkl[i]);
	}
	CONFORM_AT(mosaic, domain);
	CONFORM_PUT_ARRAY(cell, cell->v[0]);
	CONFORM_PUT_ARRAY(hkl, hkl);
	CONFORM_PUT_INT3(hkl0, hkl0[0], hkl0[1], hkl0[2]);
	F_latt = lattice_factor(run, hkl, hkl0);
	CONFORM_PUT(F_latt, F_latt);
	vanishes = F_latt == 0.0 && run->options->water == 0.0;
	CONFORM_PUT_INT(vanishes, vanishes);
	if (vanishes)                                       /* lattice.9   nothing is added, nothing multiplied */
		return;
	F_cell = structure_factor(run, hkl, hkl0);
	accumulate(walk, F_cell, F_latt);
}

/* crystal.15   The spec turns the cell at every step; the program leaves it alone at an angle of exactly 0, so that
   the cell of the step before stays, of the pixel before, even (quirk phi_carry_over, D04). */
static void each_phi(Walk *walk, int j)
{
	const Run *run = walk->run;
	double angle = phi_angle(run, j);
	if (angle != 0.0 || !has_quirk(run->options, QUIRK_PHI_CARRY_OVER))
		walk->cell_phi = &run->cell_at_phi[j];
	CONFORM_AT(phi, j);
	CONFORM_PUT(phi_angle, angle);
	CONFORM_PUT_ARRAY(cell_phi, walk->cell_phi->v[0]);
	for (int domain = 0; domain < run->mosaic_domains; domain++)
		each_domain(walk, domain);
}

/* beam.20   inc = -(unit source position).   sampling.12   q = (d - inc)/lam.   units.12   stol = norm(q)/2. */
static void scatter(Walk *walk, const Source *source)
{
	for (int i = 0; i < 3; i++) {
		walk->incident[i] = -source->direction[i];
		walk->q[i] = (walk->diffracted[i] - walk->incident[i]) / source->wavelength;
	}
	walk->stol = 0.5 * norm(walk->q);
	CONFORM_PUT_ARRAY(incident, walk->incident);
	CONFORM_PUT(wavelength, source->wavelength);
	CONFORM_PUT_ARRAY(q, walk->q);
	CONFORM_PUT(stol, walk->stol);
}

/* polarization.4, .5   One with -nopolar, which -oversample_polar overrides in the program (quirk polar_despite_off, D16).
   Without that flag the first source's, of the first subpixel, is kept (quirk first_for_last, D05). */
static bool needs_polarization(const Walk *walk)
{
	const Options *options = walk->run->options;
	bool despite_off = options->oversample_polar && has_quirk(options, QUIRK_POLAR_DESPITE_OFF);
	bool anew = options->oversample_polar || !has_quirk(options, QUIRK_FIRST_FOR_LAST);
	return options->nopolar ? despite_off : anew || walk->polar == 0.0;
}

/* sampling.15   A source is left out at a subpixel where dmin > 0, stol > 0 and dmin > 0.5/stol. */
static bool is_left_out(const Walk *walk)
{
	double dmin = walk->run->options->dmin;
	return dmin > 0.0 && walk->stol > 0.0 && dmin > 0.5 / walk->stol;
}

static void each_source(Walk *walk, int i)
{
	const Run *run = walk->run;
	bool left_out;
	CONFORM_AT(source, i);
	scatter(walk, &run->beam.sources[i]);
	left_out = is_left_out(walk);
	CONFORM_PUT_INT(left_out, left_out);
	if (left_out)
		return;
	if (needs_polarization(walk))
		polarization_factor(walk);
	CONFORM_PUT(polarization, walk->polar);
	if (run->options->oversample_polar)
		CONFORM_PUT(running_polar, walk->polar);
	for (int j = 0; j < run->phi.count; j++)
		each_phi(walk, j);
}

/* sampling.4   Fdet = sub*(fast*n + F) + sub/2, Sdet likewise. */
static double subpixel_centre(const Run *run, int pixel, int part)
{
	return run->subpixel * ((double)pixel * run->oversample + part) + run->subpixel / 2.0;
}

static void each_subpixel(Walk *walk, int layer, int slow_part, int fast_part)
{
	const Run *run = walk->run;
	CONFORM_AT(subpixel, slow_part * run->oversample + fast_part);
	subpixel_position(walk, subpixel_centre(run, walk->fast, fast_part), subpixel_centre(run, walk->slow, slow_part));
	solid_angle(walk);
	layer_capture(walk, layer);
	for (int i = 0; i < run->beam.n_sources; i++)
		each_source(walk, i);
}

/* sampling.5   Odet = t*dz. detector.12   without a thickness the captured fraction is 1. */
static void each_layer(Walk *walk, int layer)
{
	const Run *run = walk->run;
	walk->depth = layer * run->detector.thickness.step;
	walk->capture = run->detector.thickness.range > 0.0 ? 0.0 : 1.0;
	CONFORM_AT(layer, layer);
	CONFORM_PUT(layer_depth, walk->depth);
	for (int slow_part = 0; slow_part < run->oversample; slow_part++)
		for (int fast_part = 0; fast_part < run->oversample; fast_part++)
			each_subpixel(walk, layer, slow_part, fast_part);
}

Walk start_walk(const Run *run)
{
	Walk walk = { .run = run, .cell_phi = &run->crystal.cell0 };
	return walk;
}

/* cli.21   Bounds are inclusive. */
bool in_roi(const Detector *detector, int slow, int fast)
{
	const int *roi = detector->roi;
	return fast >= roi[0] && fast <= roi[1] && slow >= roi[2] && slow <= roi[3];
}

/* cli.26   The mask is indexed with the final fast size; a pixel that it does not reach is not masked. */
bool is_masked(const Run *run, int slow, int fast)
{
	size_t index = (size_t)slow * (size_t)run->detector.pixels[FAST] + (size_t)fast;
	return run->options->mask && index < run->options->mask_pixels && run->options->mask[index] == 0;
}

/* sampling.2, .3   A pixel outside the region of interest, or masked, is 0, and leaves the working cell untouched. */
float walk_pixel(Walk *walk, int slow, int fast)
{
	const Run *run = walk->run;
	if (!in_roi(&run->detector, slow, fast) || is_masked(run, slow, fast))
		return 0.0f;
	walk->slow = slow;
	walk->fast = fast;
	walk->I = run->I_background;                        /* scaling.1 */
	walk->polar = run->options->nopolar ? 1.0 : 0.0;    /* polarization.5 */
	walk->omega = 0.0;
	CONFORM_PUT(I_start, walk->I);
	for (int layer = 0; layer < run->detector.thickness.count; layer++)
		each_layer(walk, layer);
	return (float)(0.0 + final_value(walk));
}
