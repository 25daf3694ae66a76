/* What the detector sees of a direction: solid angle, captured fraction.

   Every subpixel has its own. Without their flags the program forms both at a first subpixel and keeps them (quirk
   first_for_last, D05); what was kept shows in the trace, and counts as the last. */
#include "nanobragg.h"
#include "quantities.h"

/* Is a factor formed anew, where the flag that asks for its running form is off or on? */
static bool is_formed(const Walk *walk, double kept, int running)
{
	return kept == 0.0 || running || !has_quirk(walk->run->options, QUIRK_FIRST_FOR_LAST);
}

/* detector.1   Om = (p^2/R^2) (close/R).   detector.2   point pixel: Om = 1/R^2. */
void solid_angle(Walk *walk)
{
	const Run *run = walk->run;
	double R = walk->airpath, p = run->detector.pixel;
	if (is_formed(walk, walk->omega, run->options->oversample_omega))
		walk->omega = run->options->point_pixel ? 1.0 / R / R : p * p / R / R * run->detector.close_distance / R;
	walk->omega_sum += walk->omega;
	CONFORM_PUT(omega, walk->omega);
	if (run->options->oversample_omega)
		CONFORM_PUT(running_omega, walk->omega);
}

/* detector.6   rho = d.normal.   detector.7   cap_t = exp(-t dz mu/rho) - exp(-(t+1) dz mu/rho). */
void layer_capture(Walk *walk, int layer)
{
	const Detector *detector = &walk->run->detector;
	double dz = detector->thickness.step, rho;
	if (detector->thickness.range > 0.0 && is_formed(walk, walk->capture, walk->run->options->oversample_thick)) {
		rho = dot(walk->diffracted, detector->normal);
		walk->capture = exp(-layer * dz * detector->mu / rho) - exp(-(layer + 1) * dz * detector->mu / rho);
		CONFORM_PUT(parallax, rho);
	}
	CONFORM_PUT(capture, walk->capture);
	if (walk->run->options->oversample_thick)
		CONFORM_PUT(running_capture, walk->capture);
}
