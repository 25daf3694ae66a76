/* The beam: fluence, step selection for divergence and dispersion, the list of sources. */
#include "nanobragg.h"
#include "quantities.h"

/* beam.21   fluence = flux*exposure/beamsize^2, if a flux is given. By a beam of no size the original divides, and its image is
   infinite or not a number: no switch brings that back (X33). */
static double beam_fluence(const Options *options)
{
	if (options->flux != 0.0 && options->exposure > 0.0 && options->beamsize > 0.0)
		return options->flux * options->exposure / options->beamsize / options->beamsize;
	return options->fluence;
}

/* beam.22   sample_y and sample_z are clipped to the beam that was given, if it has a size; in the program to any that is
   not negative, the default one too (quirk default_beam_clips, D18). sample_x never. */
void clip_sample(double sample[3], const Options *options)
{
	bool clips = has_quirk(options, QUIRK_DEFAULT_BEAM_CLIPS) ? options->beamsize >= 0.0
	                                                          : options->beamsize_given && options->beamsize > 0.0;
	sample[0] = options->sample[0];
	for (int i = 1; i < 3; i++)
		sample[i] = clips && options->sample[i] > options->beamsize ? options->beamsize : options->sample[i];
}

/* beam.12-18   Count, range and step from what is given. */
void select_steps(Steps *steps, double nominal_range)
{
	bool count = steps->count > 0, range = steps->range >= 0.0, step = steps->step > 0.0;
	if (!count && !range && !step)
		*steps = (Steps){ 1, 0.0, 0.0 };
	else if (!range && step)
		*steps = (Steps){ 2, steps->step, steps->step };
	else if (!count && range && !step)
		*steps = (Steps){ 2, steps->range, steps->range };
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

/* detector.8   dz = thickness/layers, of two layers if no number is given. A given number is raised to 2 at least, and
   one less divides the thickness (quirk layer_spacing, D37). */
static void space_layers(Steps *layers, const Options *options)
{
	if (layers->count <= 0)
		*layers = (Steps){ 2, layers->range, layers->range / 2 };
	else if (has_quirk(options, QUIRK_LAYER_SPACING))
		select_steps(layers, 0.5e-6);
	else
		layers->step = layers->range / layers->count;
}

/* detector.11   mu = 1/thickness if no attenuation depth was given (D39). Without absorption it is traced as 0. */
void select_layers(Detector *detector, const Options *options)
{
	detector->thickness = options->thickness;
	detector->mu = options->mu;
	space_layers(&detector->thickness, options);
	if (detector->thickness.range > 0.0 && detector->mu < 0.0)
		detector->mu = 1.0 / detector->thickness.range;
	collapse_empty(&detector->thickness);
	CONFORM_PUT(thickness_asked, options->thickness.range);
	CONFORM_PUT_INT(layers_asked, options->thickness.count);
	CONFORM_PUT(attenuation_asked, options->mu);
	CONFORM_PUT(detector_thickness, detector->thickness.range);
	CONFORM_PUT(layer_thickness, detector->thickness.step);
	CONFORM_PUT(attenuation, detector->mu > 0.0 ? detector->mu : 0.0);
	CONFORM_PUT_INT(thicksteps, detector->thickness.count);
}

/* beam.7   One axis' share of the squared radius of the elliptical trimming; not a number if the range is 0 (D46). */
static double trim_share(double offset, const Steps *steps)
{
	double even = steps->step * steps->step / 4.0 * (1 - steps->count % 2);
	return (offset * offset - even) / steps->range / steps->range;
}

/* beam.8   position = Rot(vert, h) Rot(pol, v) (-10*beam) */
static void place_source(const Detector *detector, double h, double v, double *position)
{
	Vec start, once;
	scale(detector->beam, -10.0, start);
	rotate_about(start, detector->polar, v, once);
	rotate_about(once, detector->vertical, h, position);
}

/* beam.9   lam_d = lam0 (1 + step*d - disp/2), innermost. */
static void add_wavelengths(Beam *beam, const Options *options, const Source *point)
{
	const Steps *dispersion = &beam->dispersion;
	for (int d = 0; d < dispersion->count; d++) {
		Source *source = &beam->sources[beam->n_sources++];
		*source = *point;
		source->d = d;
		unit(point->position, source->direction);
		source->wavelength = options->lambda0 * (1.0 + dispersion->step * d - dispersion->range / 2.0);
	}
}

/* beam.6   h offset = step*i - range/2, v likewise; beam.7   trimmed if 4E > 1.1; beam.10   the rest are the sources.
   beam.11   All weigh the same: 1/number, which is printed only. */
static void generate_sources(Beam *beam, const Options *options, const Detector *detector)
{
	double count = (double)beam->hdiv.count * beam->vdiv.count * beam->dispersion.count;
	if (count > 1e7)
		refuse("%g sources are more than this program can hold", count);
	beam->sources = allocate((size_t)count, sizeof(Source));
	CONFORM_AXIS(hpoint, beam->hdiv.count);
	CONFORM_AXIS(vpoint, beam->vdiv.count);
	for (int i = 0; i < beam->hdiv.count; i++)
		for (int j = 0; j < beam->vdiv.count; j++) {
			Source point = { .i = i, .j = j, .h = beam->hdiv.step * i - beam->hdiv.range / 2.0,
			                 .v = beam->vdiv.step * j - beam->vdiv.range / 2.0 };
			double E = trim_share(point.h, &beam->hdiv) + trim_share(point.v, &beam->vdiv);
			bool trimmed = options->round_divergence && 4.0 * E > 1.1;
			CONFORM_AT(hpoint, i);
			CONFORM_AT(vpoint, j);
			CONFORM_PUT_INT(point_kept, !trimmed);
			if (trimmed)
				continue;
			place_source(detector, point.h, point.v, point.position);
			add_wavelengths(beam, options, &point);
		}
	if (beam->n_sources == 0)       /* beam.10: every pixel would be nothing divided by none */
		refuse("there is no source left: every point of the divergence is trimmed; check the divergence flags");
	for (int i = 0; i < beam->n_sources; i++)
		beam->sources[i].weight = 1.0 / beam->n_sources;
}

static void trace_origin(const Source *source, bool listed)
{
	(void)source;
	if (listed) {
		CONFORM_PUT_INT(source_columns, source->columns);
		return;
	}
	CONFORM_PUT(source_h, source->h);
	CONFORM_PUT(source_v, source->v);
	CONFORM_PUT_INT(source_i, source->i);
	CONFORM_PUT_INT(source_j, source->j);
	CONFORM_PUT_INT(source_d, source->d);
}

static void trace_sources(const Beam *beam, bool listed)
{
	CONFORM_AXIS(source, beam->n_sources);
	CONFORM_PUT_INT(sources, beam->n_sources);
	for (int i = 0; i < beam->n_sources; i++) {
		CONFORM_AT(source, i);
		trace_origin(&beam->sources[i], listed);
		CONFORM_PUT_ARRAY(source_position, beam->sources[i].position);
		CONFORM_PUT_ARRAY(source_direction, beam->sources[i].direction);
		CONFORM_PUT(source_wavelength, beam->sources[i].wavelength);
		CONFORM_PUT(source_weight, beam->sources[i].weight);
	}
}

static void trace_grid(const Beam *beam, const Options *options)
{
	(void)beam, (void)options;
	CONFORM_PUT_INT(sources_listed, options->sourcefile != NULL);
	CONFORM_PUT_INT(round_divergence, options->round_divergence);
	CONFORM_PUT_INT(hdivsteps_asked, options->hdiv.count);
	CONFORM_PUT(hdivrange_asked, options->hdiv.range);
	CONFORM_PUT(hdivstep_asked, options->hdiv.step);
	CONFORM_PUT_INT(vdivsteps_asked, options->vdiv.count);
	CONFORM_PUT(vdivrange_asked, options->vdiv.range);
	CONFORM_PUT(vdivstep_asked, options->vdiv.step);
	CONFORM_PUT_INT(dispsteps_asked, options->dispersion.count);
	CONFORM_PUT(dispersion_asked, options->dispersion.range);
	CONFORM_PUT_INT(hdivsteps, beam->hdiv.count);
	CONFORM_PUT_INT(vdivsteps, beam->vdiv.count);
	CONFORM_PUT_INT(dispsteps, beam->dispersion.count);
}

static void trace_beam(const Beam *beam, const Options *options)
{
	(void)beam, (void)options;
	trace_grid(beam, options);
	CONFORM_PUT(flux, options->flux);
	CONFORM_PUT(exposure, options->exposure);
	CONFORM_PUT(beamsize, options->beamsize);
	CONFORM_PUT(fluence, beam->fluence);
	CONFORM_PUT(fluence_asked, options->fluence);
	CONFORM_PUT_INT(beamsize_given, options->beamsize_given);
	CONFORM_PUT(r_e_sqr, R_E_SQR);
	CONFORM_PUT(lambda0, options->lambda0);
	CONFORM_PUT(hdivrange, beam->hdiv.range);
	CONFORM_PUT(hdivstep, beam->hdiv.step);
	CONFORM_PUT(vdivrange, beam->vdiv.range);
	CONFORM_PUT(vdivstep, beam->vdiv.step);
	CONFORM_PUT(dispersion, beam->dispersion.range);
	CONFORM_PUT(dispstep, beam->dispersion.step);
	CONFORM_PUT(kahn_factor, options->kahn);
	CONFORM_PUT_INT(nopolar, options->nopolar);
}

static void select_divergence(Beam *beam, const Options *options)
{
	beam->hdiv = options->hdiv;
	beam->vdiv = options->vdiv;
	beam->dispersion = options->dispersion;
	select_steps(&beam->hdiv, 1.0);
	select_steps(&beam->vdiv, 1.0);
	select_steps(&beam->dispersion, 1.0);
	collapse_empty(&beam->hdiv);
	collapse_empty(&beam->vdiv);
	collapse_empty(&beam->dispersion);
}

void build_beam(Beam *beam, const Options *options, const Detector *detector)
{
	beam->fluence = beam_fluence(options);
	select_divergence(beam, options);
	if (options->sourcefile)
		read_sources(beam, options, detector);
	else
		generate_sources(beam, options, detector);
	trace_beam(beam, options);
	trace_sources(beam, options->sourcefile != NULL);
}

/* background.2   I_bg = F_bg^2 r_e_sqr fluence w^3 1e6 N_A/18, w in m, F_bg = 2.57 (background.1). */
double background(const Options *options, const Beam *beam)
{
	const double F_bg = 2.57, w = options->water;
	if (w > 0.0)
		CONFORM_PUT(F_background, F_bg);
	return F_bg * F_bg * R_E_SQR * beam->fluence * w * w * w * 1e6 * AVOGADRO / 18.0;
}
