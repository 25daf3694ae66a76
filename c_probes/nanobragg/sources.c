/* The beam: fluence, step selection for divergence and dispersion, the list of sources. */
#include <stdint.h>

#include "nanobragg.h"
#include "quantities.h"

/* beam.21   fluence = flux*exposure/beamsize^2, if a flux is given. */
static double beam_fluence(const Options *options)
{
	if (options->flux != 0.0 && options->exposure > 0.0 && options->beamsize >= 0.0)
		return options->flux * options->exposure / options->beamsize / options->beamsize;
	return options->fluence;
}

/* beam.22   sample_y and sample_z are clipped to the beam, also to the default one (D18); sample_x never. */
void clip_sample(double sample[3], const Options *options)
{
	sample[0] = options->sample[0];
	for (int i = 1; i < 3; i++)
		sample[i] = options->beamsize >= 0.0 && options->sample[i] > options->beamsize ? options->beamsize
		                                                                               : options->sample[i];
}

/* beam.12-18   Count, range and step from what is given; thickness has its own rules for a lone range or count. */
void select_steps(Steps *steps, double nominal_range, bool thickness)
{
	bool count = steps->count > 0, range = steps->range >= 0.0, step = steps->step > 0.0;
	if (!count && !range && !step)
		*steps = (Steps){ 1, 0.0, 0.0 };
	else if (!range && step)
		*steps = (Steps){ 2, steps->step, steps->step };
	else if (!count && range && !step)
		*steps = (Steps){ 2, steps->range, thickness ? steps->range / 2 : steps->range };
	else if (!count && range)
		steps->count = (int)fmin(ceil(steps->range / steps->step), 2e9);
	else if (!range)
		*steps = (Steps){ steps->count, nominal_range, nominal_range / steps->count };
	else if (!step) {
		steps->count = steps->count > 2 ? steps->count : 2;
		steps->step = steps->range / (steps->count - 1);
	}
}

static void collapse_empty(Steps *steps)
{
	if (steps->range <= 0.0 || steps->step <= 0.0 || steps->count <= 0)
		*steps = (Steps){ 1, 0.0, 0.0 };
}

/* detector.11   mu = 1/thickness if no attenuation depth was given (D39). Layers: beam.12-18, thickness column (D37). */
void select_layers(Detector *detector, const Options *options)
{
	detector->thickness = options->thickness;
	detector->mu = options->mu;
	select_steps(&detector->thickness, 0.5e-6, true);
	if (detector->thickness.range > 0.0 && detector->mu < 0.0)
		detector->mu = 1.0 / detector->thickness.range;
	collapse_empty(&detector->thickness);
	CONFORM_PUT(detector_thickness, detector->thickness.range);
	CONFORM_PUT(layer_thickness, detector->thickness.step);
	CONFORM_PUT(attenuation, detector->mu);
	CONFORM_PUT_INT(thicksteps, detector->thickness.count);
}

/* beam.7   One axis' share of the squared radius of the elliptical trimming; not a number if the range is 0 (D46). */
static double trim_share(double offset, const Steps *steps)
{
	double even = steps->step * steps->step / 4.0 * (1 - steps->count % 2);
	return (offset * offset - even) / steps->range / steps->range;
}

/* beam.8   direction = unit( Rot(vert, h) Rot(pol, v) (-10*beam) ) */
static void source_direction(const Detector *detector, double h, double v, double *out)
{
	Vec start, once;
	scale(detector->beam, -10.0, start);
	rotate_about(start, detector->polar, v, once);
	rotate_about(once, detector->vertical, h, out);
	unit(out, out);
}

/* beam.9   lam_d = lam0 (1 + step*d - disp/2), innermost. */
static void add_wavelengths(Beam *beam, const Options *options, const double *direction)
{
	const Steps *dispersion = &beam->dispersion;
	for (int d = 0; d < dispersion->count; d++) {
		Source *source = &beam->sources[beam->n_sources++];
		copy(direction, source->direction);
		source->wavelength = options->lambda0 * (1.0 + dispersion->step * d - dispersion->range / 2.0);
		source->weight = 1.0;
	}
}

/* beam.6   h offset = step*i - range/2, v likewise; beam.7   trimmed if 4E > 1.1; beam.10   the rest are the sources. */
static void generate_sources(Beam *beam, const Options *options, const Detector *detector)
{
	for (int i = 0; i < beam->hdiv.count; i++)
		for (int j = 0; j < beam->vdiv.count; j++) {
			double h = beam->hdiv.step * i - beam->hdiv.range / 2.0, v = beam->vdiv.step * j - beam->vdiv.range / 2.0;
			double E = trim_share(h, &beam->hdiv) + trim_share(v, &beam->vdiv);
			Vec direction;
			if (options->round_divergence && 4.0 * E > 1.1)
				continue;
			source_direction(detector, h, v, direction);
			add_wavelengths(beam, options, direction);
		}
}

static void trace_sources(const Beam *beam)
{
	CONFORM_AXIS(source, beam->n_sources);
	CONFORM_PUT_INT(sources, beam->n_sources);
	for (int i = 0; i < beam->n_sources; i++) {
		CONFORM_AT(source, i);
		CONFORM_PUT_ARRAY(source_direction, beam->sources[i].direction);
		CONFORM_PUT(source_wavelength, beam->sources[i].wavelength);
	}
}

static void trace_beam(const Beam *beam, const Options *options)
{
	(void)beam, (void)options;
	CONFORM_PUT(flux, options->flux);
	CONFORM_PUT(exposure, options->exposure);
	CONFORM_PUT(beamsize, options->beamsize);
	CONFORM_PUT(fluence, beam->fluence);
	CONFORM_PUT(r_e_sqr, R_E_SQR);
	CONFORM_PUT(lambda0, options->lambda0);
	CONFORM_PUT(kahn_factor, options->kahn);
	CONFORM_PUT_INT(nopolar, options->nopolar);
}

void build_beam(Beam *beam, const Options *options, const Detector *detector)
{
	double count;
	beam->fluence = beam_fluence(options);
	beam->hdiv = options->hdiv;
	beam->vdiv = options->vdiv;
	beam->dispersion = options->dispersion;
	select_steps(&beam->hdiv, 1.0, false);
	select_steps(&beam->vdiv, 1.0, false);
	select_steps(&beam->dispersion, 1.0, false);
	collapse_empty(&beam->hdiv);
	collapse_empty(&beam->vdiv);
	collapse_empty(&beam->dispersion);
	count = (double)beam->hdiv.count * beam->vdiv.count * beam->dispersion.count;
	if (count > 1e7)
		refuse("%g sources are more than this program can hold", count);
	beam->sources = allocate((size_t)count, sizeof(Source));
	generate_sources(beam, options, detector);
	trace_beam(beam, options);
	trace_sources(beam);
}

/* background.2   I_bg = F_bg^2 r_e_sqr fluence w^3 1e6 N_A/18, w in m, F_bg = 2.57 (background.1). */
double background(const Options *options, const Beam *beam)
{
	const double F_bg = 2.57, w = options->water;
	return F_bg * F_bg * R_E_SQR * beam->fluence * w * w * w * 1e6 * AVOGADRO / 18.0;
}
