/* Detector geometry: conventions, beam centre, pivots, rotations, the origin of the detector. */
#include "nanobragg.h"
#include "quantities.h"

typedef struct { Vec beam, fast, slow, normal, twotheta_axis, polar, spindle; Pivot pivot; } Frame;

/* geometry.5-9   Each named convention sets every vector and the pivot, whatever the flags said before (D06, D30). */
static const Frame frames[] = {
	[ADXV] = { { 0, 0, 1 }, { 1, 0, 0 }, { 0, -1, 0 }, { 0, 0, 1 }, { -1, 0, 0 }, { 1, 0, 0 }, { 1, 0, 0 }, PIVOT_BEAM },
	[MOSFLM] = { { 1, 0, 0 }, { 0, 0, 1 }, { 0, -1, 0 }, { 1, 0, 0 }, { 0, 0, -1 }, { 0, 0, 1 }, { 0, 0, 1 }, PIVOT_BEAM },
	[DENZO] = { { 1, 0, 0 }, { 0, 0, 1 }, { 0, -1, 0 }, { 1, 0, 0 }, { 0, 0, -1 }, { 0, 0, 1 }, { 0, 0, 1 }, PIVOT_BEAM },
	[XDS] = { { 0, 0, 1 }, { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 }, { 1, 0, 0 }, { 1, 0, 0 }, { 1, 0, 0 }, PIVOT_SAMPLE },
	[DIALS] = { { 0, 0, 1 }, { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 }, { 0, 1, 0 }, { 0, 1, 0 }, { 0, 1, 0 }, PIVOT_SAMPLE },
};

static double given_or(double value, double otherwise) { return isnan(value) ? otherwise : value; }

static const double MOST_PIXELS = 1073741824.0;      /* 4 GiB of image */

/* cli.5   A pixel count beats a side; then always count = ceil(side/pixel - 0.5). */
static void size_sides(Detector *detector, const Options *options)
{
	static const char *const sides[] = { [FAST] = "fast", [SLOW] = "slow" };
	detector->pixel = options->pixel;
	for (int i = 0; i < 2; i++) {
		double side = options->pixels[i] ? options->pixel * options->pixels[i] : options->side[i];
		double count = ceil(side / options->pixel - 0.5);
		if (!(options->pixel > 0.0) || !(count >= 1.0))
			refuse("the detector has no pixels along its %s side; check -detpixels, -detsize and -pixel", sides[i]);
		if (count > 1e6)
			refuse("the detector would have %g pixels along its %s side; check -detpixels, -detsize and -pixel", count,
			       sides[i]);
		detector->side[i] = side;
		detector->pixels[i] = (int)count;
	}
	if ((double)detector->pixels[FAST] * detector->pixels[SLOW] > MOST_PIXELS)
		refuse("the detector would have %d x %d pixels; check -detpixels, -detsize and -pixel", detector->pixels[FAST],
		       detector->pixels[SLOW]);
}

/* cli.21   Inclusive bounds; an open upper bound is the count itself, which no pixel exceeds. */
static void set_roi(Detector *detector, const Options *options)
{
	const int open[4] = { 0, detector->pixels[FAST], 0, detector->pixels[SLOW] };
	for (int i = 0; i < 4; i++)
		detector->roi[i] = options->roi[i] < 0 ? open[i] : options->roi[i];
}

/* geometry.29 (input form)   Fclose = (ORGX - 0.5) * pixel; half the side if nothing is given. */
static void set_near_point(Detector *detector, const Options *options)
{
	detector->Fclose = given_or((options->ORGX - 0.5) * detector->pixel, detector->side[FAST] / 2.0);
	detector->Sclose = given_or((options->ORGY - 0.5) * detector->pixel, detector->side[SLOW] / 2.0);
	detector->Xclose = given_or(options->Xclose, detector->Fclose);
	detector->Yclose = given_or(options->Yclose, detector->Sclose);
}

/* cli.11   An explicit pivot wins over the frame's; in the program it is one of the flags that a named frame overrules
   (quirk pivot_by_convention, D06). Without one the frame decides, and in CUSTOM the last flag. */
static Pivot choose_pivot(const Frame *frame, const Options *options)
{
	bool wins = options->explicit_pivot >= 0 && !has_quirk(options, QUIRK_PIVOT_BY_CONVENTION);
	return wins ? (Pivot)options->explicit_pivot : frame->pivot;
}

/* geometry.10   CUSTOM takes the vectors as given, and keeps the pivot that the flags left behind (D06). */
static void set_frame(Detector *detector, const Options *options)
{
	Frame custom = { .pivot = (Pivot)options->pivot };
	const Frame *frame = options->convention == CUSTOM ? &custom : &frames[options->convention];
	copy(options->beam, custom.beam);
	copy(options->fast, custom.fast);
	copy(options->slow, custom.slow);
	copy(options->normal, custom.normal);
	copy(options->twotheta_axis, custom.twotheta_axis);
	copy(options->polar, custom.polar);
	copy(options->spindle, custom.spindle);
	unit(frame->beam, detector->beam);
	unit(frame->fast, detector->fast);
	unit(frame->slow, detector->slow);
	copy(frame->normal, detector->normal);
	copy(frame->twotheta_axis, detector->twotheta_axis);
	unit(frame->polar, detector->polar);
	unit(frame->spindle, detector->spindle);
	detector->convention = (Convention)options->convention;
	detector->pivot = choose_pivot(frame, options);
}

/* geometry.2   normal = unit(fast x slow) unless the given one has a computed length of exactly 1 (D09).
   geometry.4   vert = unit(beam x pol). */
static void complete_frame(Detector *detector)
{
	if (unit(detector->normal, detector->normal) != 1.0) {
		cross(detector->fast, detector->slow, detector->normal);
		unit(detector->normal, detector->normal);
	}
	cross(detector->beam, detector->polar, detector->vertical);
	unit(detector->vertical, detector->vertical);
}

/* geometry.11-13   Where the beam centre is when no flag says so. */
static void default_centre(const Detector *d, double *Xbeam, double *Ybeam)
{
	switch (d->convention) {
	case ADXV:
		*Xbeam = (d->side[FAST] + d->pixel) / 2.0;
		*Ybeam = (d->side[SLOW] - d->pixel) / 2.0;
		break;
	case MOSFLM:
	case DENZO:
		*Xbeam = (d->side[SLOW] + d->pixel) / 2.0;
		*Ybeam = (d->side[FAST] + d->pixel) / 2.0;
		break;
	default:
		*Xbeam = d->Xclose;
		*Ybeam = d->Yclose;
	}
}

/* geometry.14-17   From the convention's X and Y to the fast and slow coordinates. */
static void map_centre(Detector *d)
{
	bool swapped = d->convention == MOSFLM || d->convention == DENZO;
	double half = d->convention == MOSFLM ? 0.5 * d->pixel : 0.0;
	d->Fbeam = swapped ? d->Ybeam + half : d->Xbeam;
	d->Sbeam = swapped ? d->Xbeam + half : d->Ybeam;
	if (d->convention == ADXV)
		d->Sbeam = d->side[SLOW] - d->Ybeam;
	if (d->convention == CUSTOM) {
		d->Fclose = d->Xbeam;
		d->Sclose = d->Ybeam;
	}
}

static void set_centre(Detector *detector, const Options *options)
{
	double Xbeam, Ybeam;
	default_centre(detector, &Xbeam, &Ybeam);
	detector->Xbeam = given_or(options->Xbeam, Xbeam);
	detector->Ybeam = given_or(options->Ybeam, Ybeam);
	map_centre(detector);
}

/* geometry.19, then geometry.20; a zero angle changes nothing. */
static void rotate_detector(double *v, const Detector *detector, const Options *options)
{
	rotate_xyz(v, options->rotation);
	if (options->twotheta != 0.0)
		rotate_about((Vec){ v[X], v[Y], v[Z] }, detector->twotheta_axis, options->twotheta, v);
}

/* geometry.21   ratio = beam.normal after all rotations; the program leaves two-theta out (quirk
   ratio_without_twotheta, D10). */
static double beam_normal_ratio(const Detector *detector, const Options *options)
{
	Vec normal;
	double ratio;
	copy(detector->normal, normal);
	if (has_quirk(options, QUIRK_RATIO_WITHOUT_TWOTHETA))
		rotate_xyz(normal, options->rotation);
	else
		rotate_detector(normal, detector, options);
	ratio = dot(detector->beam, normal);
	return ratio == 0.0 ? 2.2250738585072014e-308 : ratio;
}

/* What the origin is placed from. */
static void trace_set(const Detector *detector)
{
	(void)detector;
	CONFORM_PUT_ARRAY(fast_set, detector->fast);
	CONFORM_PUT_ARRAY(slow_set, detector->slow);
	CONFORM_PUT_ARRAY(normal_set, detector->normal);
	CONFORM_PUT(Fclose_set, detector->Fclose);
	CONFORM_PUT(Sclose_set, detector->Sclose);
	CONFORM_PUT(Fbeam_set, detector->Fbeam);
	CONFORM_PUT(Sbeam_set, detector->Sbeam);
	CONFORM_PUT(close_distance_set, detector->close_distance);
	CONFORM_PUT(distance_set, detector->distance);
}

/* geometry.22, .23   close = |ratio*distance| if it is not given; distance = close/ratio. */
static void set_distance(Detector *detector, const Options *options)
{
	detector->ratio = beam_normal_ratio(detector, options);
	detector->close_distance = given_or(options->close_distance, fabs(detector->ratio * options->distance));
	detector->distance = detector->close_distance / detector->ratio;
	trace_set(detector);
}

/* geometry.24 (BEAM), geometry.25 (SAMPLE)   out = -F*fast - S*slow + along*axis, axis being the beam or the normal. */
static void origin(const Detector *d, double F, double S, double along, const double *axis, double *out)
{
	for (int i = 0; i < 3; i++)
		out[i] = -F * d->fast[i] - S * d->slow[i] + along * axis[i];
}

/* geometry.24, .25   SAMPLE takes the axes before they are rotated, BEAM after. A pix0 of the user never survives (D01). */
static void set_origin(Detector *d, const Options *options)
{
	if (d->pivot == PIVOT_SAMPLE) {
		origin(d, d->Fclose, d->Sclose, d->close_distance, d->normal, d->pix0);
		rotate_detector(d->pix0, d, options);
	}
	rotate_detector(d->fast, d, options);
	rotate_detector(d->slow, d, options);
	rotate_detector(d->normal, d, options);
	if (d->pivot == PIVOT_BEAM)
		origin(d, d->Fbeam, d->Sbeam, d->distance, d->beam, d->pix0);
}

/* geometry.26   near point and signed close distance from the origin; geometry.27   direct-beam point and distance;
   geometry.29   ORGX = Fclose/pixel + 0.5; geometry.30   DIALS origin, mm. */
static void derive_points(Detector *d)
{
	Vec to_beam;
	d->Fclose = -dot(d->pix0, d->fast);
	d->Sclose = -dot(d->pix0, d->slow);
	d->close_distance = dot(d->pix0, d->normal);
	d->distance = d->close_distance / d->ratio;
	for (int i = 0; i < 3; i++)
		to_beam[i] = d->distance * d->beam[i] - d->pix0[i];
	d->Fbeam = dot(d->fast, to_beam);
	d->Sbeam = dot(d->slow, to_beam);
	d->ORGX = d->Fclose / d->pixel + 0.5;
	d->ORGY = d->Sclose / d->pixel + 0.5;
	set(d->dials_origin, 1000.0 * d->pix0[Z], 1000.0 * d->pix0[Y], 1000.0 * -d->pix0[X]);
}

/* What a flag may leave out: unset if it does. */
#define TRACE_OPTIONAL(name) \
	do { \
		CONFORM_PUT_INT(name##_given, !isnan(options->name)); \
		if (!isnan(options->name)) \
			CONFORM_PUT(name##_asked, options->name); \
	} while (0)

static void trace_asked(const Options *options)
{
	(void)options;
	TRACE_OPTIONAL(Xbeam);
	TRACE_OPTIONAL(Ybeam);
	TRACE_OPTIONAL(Xclose);
	TRACE_OPTIONAL(Yclose);
	TRACE_OPTIONAL(ORGX);
	TRACE_OPTIONAL(ORGY);
	TRACE_OPTIONAL(close_distance);
	CONFORM_PUT(distance_asked, options->distance);
	CONFORM_PUT(fast_side_asked, options->side[FAST]);
	CONFORM_PUT(slow_side_asked, options->side[SLOW]);
	CONFORM_PUT_INT(fast_pixels_asked, options->pixels[FAST]);
	CONFORM_PUT_INT(slow_pixels_asked, options->pixels[SLOW]);
	CONFORM_PUT_ARRAY(detector_rotation, options->rotation);
	if (options->convention != CUSTOM)
		return;
	CONFORM_PUT_ARRAY(beam_asked, options->beam);
	CONFORM_PUT_ARRAY(fast_asked, options->fast);
	CONFORM_PUT_ARRAY(slow_asked, options->slow);
	CONFORM_PUT_ARRAY(normal_asked, options->normal);
	CONFORM_PUT_ARRAY(twotheta_axis_asked, options->twotheta_axis);
	CONFORM_PUT_ARRAY(polarization_asked, options->polar);
	CONFORM_PUT_ARRAY(spindle_asked, options->spindle);
}

static void trace_frame(const Detector *detector)
{
	(void)detector;
	CONFORM_PUT_INT(convention, detector->convention);
	CONFORM_PUT_INT(pivot, detector->pivot);
	CONFORM_PUT_ARRAY(dials_origin, detector->dials_origin);
	CONFORM_PUT_ARRAY(beam_direction, detector->beam);
	CONFORM_PUT_ARRAY(vertical_axis, detector->vertical);
	CONFORM_PUT_ARRAY(fast_axis, detector->fast);
	CONFORM_PUT_ARRAY(slow_axis, detector->slow);
	CONFORM_PUT_ARRAY(detector_normal, detector->normal);
	CONFORM_PUT_ARRAY(twotheta_axis, detector->twotheta_axis);
	CONFORM_PUT_ARRAY(spindle_axis, detector->spindle);
	CONFORM_PUT_ARRAY(polarization_axis, detector->polar);
	CONFORM_PUT_ARRAY(pix0, detector->pix0);
}

static void trace_detector(const Detector *detector, const Options *options)
{
	(void)detector, (void)options;
	CONFORM_PUT(pixel_size, detector->pixel);
	CONFORM_PUT(fast_side, detector->side[FAST]);
	CONFORM_PUT(slow_side, detector->side[SLOW]);
	CONFORM_PUT_INT(fast_pixels, detector->pixels[FAST]);
	CONFORM_PUT_INT(slow_pixels, detector->pixels[SLOW]);
	CONFORM_PUT(close_distance, detector->close_distance);
	CONFORM_PUT(distance, detector->distance);
	CONFORM_PUT(ratio, detector->ratio);
	CONFORM_PUT(twotheta, options->twotheta);
	CONFORM_PUT(Xbeam, detector->Xbeam);
	CONFORM_PUT(Ybeam, detector->Ybeam);
	CONFORM_PUT(Fbeam, detector->Fbeam);
	CONFORM_PUT(Sbeam, detector->Sbeam);
	CONFORM_PUT(Xclose, detector->Xclose);
	CONFORM_PUT(Yclose, detector->Yclose);
	CONFORM_PUT(Fclose, detector->Fclose);
	CONFORM_PUT(Sclose, detector->Sclose);
	CONFORM_PUT(ORGX, detector->ORGX);
	CONFORM_PUT(ORGY, detector->ORGY);
	CONFORM_PUT_INT(roi_fast_first, detector->roi[0]);
	CONFORM_PUT_INT(roi_fast_last, detector->roi[1]);
	CONFORM_PUT_INT(roi_slow_first, detector->roi[2]);
	CONFORM_PUT_INT(roi_slow_last, detector->roi[3]);
	CONFORM_PUT_INT(mask_given, options->mask != NULL);
	CONFORM_PUT_INT(curved, options->curved);
	CONFORM_PUT_INT(point_pixel, options->point_pixel);
}

void place_detector(Detector *detector, const Options *options)
{
	size_sides(detector, options);
	set_roi(detector, options);
	set_near_point(detector, options);
	set_frame(detector, options);
	complete_frame(detector);
	set_centre(detector, options);
	set_distance(detector, options);
	set_origin(detector, options);
	derive_points(detector);
	trace_asked(options);
	trace_frame(detector);
	trace_detector(detector, options);
}

/* geometry.31   pos = Fdet*fast + Sdet*slow + Odet*normal + pix0, summed in this order. */
static void flat_position(const Detector *d, double F, double S, double O, double *out)
{
	for (int i = 0; i < 3; i++)
		out[i] = F * d->fast[i] + S * d->slow[i] + O * d->normal[i] + d->pix0[i];
}

/* detector.4   distance*beam turned about slow by F/distance, then about fast by -S/distance: where the flat point, F and S
   from the direct beam along the axes, is pressed onto the sphere. The program takes lab y and z of the flat point for the
   two (quirk curved_by_lab_axes, D12). */
static void curve(const Walk *walk, double *position)
{
	const Detector *d = &walk->run->detector;
	bool by_lab = has_quirk(walk->run->options, QUIRK_CURVED_BY_LAB_AXES);
	Vec start, turned, offset;
	scale(d->beam, d->distance, start);
	for (int i = 0; i < 3; i++)
		offset[i] = position[i] - start[i];
	double about_slow = by_lab ? position[Y] : dot(offset, d->fast), about_fast = by_lab ? position[Z] : -dot(offset, d->slow);
	rotate_about(start, d->slow, about_slow / d->distance, turned);
	rotate_about(turned, d->fast, about_fast / d->distance, position);
}

/* geometry.32   R = norm(pos); d = pos/R. */
void subpixel_position(Walk *walk, double fast_position, double slow_position)
{
	const Detector *detector = &walk->run->detector;
	flat_position(detector, fast_position, slow_position, walk->depth, walk->position);
	if (walk->run->options->curved)
		curve(walk, walk->position);
	walk->airpath = unit(walk->position, walk->diffracted);
	CONFORM_PUT(fast_position, fast_position);
	CONFORM_PUT(slow_position, slow_position);
	CONFORM_PUT_ARRAY(pixel_position, walk->position);
	CONFORM_PUT(airpath, walk->airpath);
	CONFORM_PUT_ARRAY(diffracted, walk->diffracted);
}
