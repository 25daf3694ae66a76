/* Sampling: spindle steps, mosaic domains, oversampling, and how many samples a pixel has. */
#include <limits.h>

#include "nanobragg.h"
#include "quantities.h"

/* beam.19   The spindle has a table of its own (D44). Left edges, not midpoints. */
void select_spindle_steps(Steps *phi)
{
	bool count = phi->count >= 0, range = phi->range >= 0.0, step = phi->step > 0.0;
	if (phi->count == 0)
		phi->count = 1;
	if (!count && !range)
		*phi = step ? (Steps){ 2, phi->step, phi->step } : (Steps){ 1, 0.0, 0.0 };
	else if (!count && !step)
		*phi = (Steps){ 2, phi->range, phi->range / 2.0 };
	else if (!count)
		phi->count = (int)fmin(ceil(phi->range / phi->step), 2e9);
	else if (!range && step)
		*phi = (Steps){ 2, phi->step, phi->step };
	else if (!range)
		*phi = (Steps){ phi->count, 1.0 / RTD, 1.0 / RTD / phi->count };
	else if (phi->step < 0.0)
		phi->step = phi->range / phi->count;
}

void trace_spindle_steps(const Steps *asked)
{
	(void)asked;
	CONFORM_PUT_INT(phisteps_asked, asked->count);
	CONFORM_PUT(osc_asked, asked->range);
	CONFORM_PUT(phistep_asked, asked->step);
}

/* sampling.7   phi_j = phi0 + j*phistep */
double phi_angle(const Run *run, int j) { return run->options->phi0 + run->phi.step * j; }

static const int MOST_PHI_STEPS = 10000000;          /* a cell is kept for each: 720 MB */

/* crystal.15   The reference cell turned about the spindle. It depends on the step alone, so it is formed once. */
static void rotate_cells(Run *run)
{
	if (run->phi.count > MOST_PHI_STEPS)
		refuse("%d phi steps are more than this program can hold; give fewer -phisteps, or a larger -phistep",
		       run->phi.count);
	run->cell_at_phi = allocate((size_t)run->phi.count, sizeof(Cell));
	for (int j = 0; j < run->phi.count; j++)
		for (int i = 0; i < 3; i++)
			rotate_about(run->crystal.cell0.v[i], run->detector.spindle, phi_angle(run, j), run->cell_at_phi[j].v[i]);
}

static const int MOST_DOMAINS = 1000000;

/* sampling.8   No number of domains given: 10 if there is a spread.   sampling.9   Given: that many. Without a spread: one. */
static void select_domains(Run *run)
{
	bool spread = run->options->mosaic_spread > 0.0;
	int domains = run->options->mosaic_domains > 0 ? run->options->mosaic_domains : 10;
	if (domains > MOST_DOMAINS)
		refuse("%d mosaic domains are more than this program can hold", domains);
	run->mosaic_spread = spread ? run->options->mosaic_spread : 0.0;
	run->mosaic_domains = spread ? domains : 1;
}

static void trace_draw(const Draw *draw)
{
	(void)draw;
	CONFORM_PUT_ARRAY(deviate, draw->deviate);
	CONFORM_PUT_INT3(deviate_integer, draw->integer[0], draw->integer[1], draw->integer[2]);
	CONFORM_PUT_INT3(deviate_state, draw->state[0], draw->state[1], draw->state[2]);
	CONFORM_PUT(mosaic_angle, draw->angle);
	CONFORM_PUT_ARRAY(mosaic_axis, draw->axis);
}

/* random.3   One rotation for each domain, in order.   sampling.10   The first domain draws its own, and stays unrotated. */
static void draw_domains(Run *run)
{
	int64_t state = run->options->mosaic_seed;
	run->mosaic_rotation = allocate((size_t)run->mosaic_domains, sizeof(Matrix));
	for (int drawn = 0; drawn < run->mosaic_domains && run->mosaic_spread > 0.0; drawn++) {
		Draw draw = random_rotation(&run->random, &state, run->mosaic_spread, &run->mosaic_rotation[drawn]);
		CONFORM_AT(mosaic, drawn);
		trace_draw(&draw);
	}
	run->mosaic_rotation[0] = (Matrix){ { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } };
	for (int m = 0; m < run->mosaic_domains; m++) {
		CONFORM_AT(mosaic, m);
		CONFORM_PUT_ARRAY(mosaic_rotation, run->mosaic_rotation[m].row[0]);
	}
}

/* sampling.6   ceil(3 Lmax/(lam0*distance/p)); Lmax from crystal.14. */
double recommended_oversample(const Options *options, const Detector *detector, const Crystal *crystal)
{
	double widest = 0.0;
	for (int i = 0; i < 3; i++)
		widest = fmax(widest, crystal->length[i] * crystal->N[i]);
	return ceil(3.0 * widest / (options->lambda0 * detector->distance / detector->pixel));
}

/* sampling.6   The number given, or what is recommended, at least 1. */
int choose_oversample(const Options *options, const Detector *detector, const Crystal *crystal)
{
	double recommended = recommended_oversample(options, detector, crystal);
	if (options->oversample > 0)
		return options->oversample;
	if (!(recommended < 1e4))
		refuse("automatic oversampling would take %g subpixels a side; give -oversample", recommended);
	return recommended > 1.0 ? (int)recommended : 1;
}

/* sampling.11   steps = n_sources * n_domains * n_phi * n_ov^2; layers are not counted. */
static int count_steps(const Run *run)
{
	double steps = (double)run->beam.n_sources * run->mosaic_domains * run->phi.count * run->oversample * run->oversample;
	if (!(steps <= INT_MAX))
		refuse("%g steps a pixel are too many", steps);
	return (int)steps;
}

static void trace_plan(const Run *run)
{
	CONFORM_AXIS(layer, run->detector.thickness.count);
	CONFORM_AXIS(subpixel, (long)run->oversample * run->oversample);
	CONFORM_AXIS(phi, run->phi.count);
	CONFORM_AXIS(mosaic, run->mosaic_domains);
	CONFORM_PUT_INT(phisteps, run->phi.count);
	CONFORM_PUT_INT(oversample, run->oversample);
	CONFORM_PUT_INT(mosaic_domains, run->mosaic_domains);
	CONFORM_PUT_INT(steps, run->steps);
	CONFORM_PUT(phi0, run->options->phi0);
	CONFORM_PUT(phistep, run->phi.step);
	CONFORM_PUT(osc, run->phi.range);
	CONFORM_PUT(mosaic_spread, run->mosaic_spread);
	CONFORM_PUT(mosaic_spread_asked, run->options->mosaic_spread);
	CONFORM_PUT_INT(mosaic_domains_asked, run->options->mosaic_domains);
	CONFORM_PUT_INT(oversample_asked, run->options->oversample);
	CONFORM_PUT(subpixel_size, run->subpixel);
	CONFORM_PUT(dmin, run->options->dmin);
	CONFORM_PUT_INT(oversample_thick, run->options->oversample_thick);
	CONFORM_PUT_INT(oversample_polar, run->options->oversample_polar);
	CONFORM_PUT_INT(oversample_omega, run->options->oversample_omega);
	for (int i = 0; i < run->oversample * run->oversample; i++) {
		CONFORM_AT(subpixel, i);
		CONFORM_PUT_INT(sub_slow, i / run->oversample);
		CONFORM_PUT_INT(sub_fast, i % run->oversample);
	}
}

void plan_sampling(Run *run)
{
	select_domains(run);
	run->subpixel = run->detector.pixel / run->oversample;
	run->steps = count_steps(run);
	rotate_cells(run);
	trace_plan(run);
	draw_domains(run);
}
