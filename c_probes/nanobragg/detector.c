/* What the detector sees of a direction: solid angle, captured fraction. */
#include "nanobragg.h"
#include "quantities.h"

/* detector.1   Om = (p^2/R^2) (close/R).   detector.2   point pixel: Om = 1/R^2.
   Formed once a pixel, at its first subpixel, unless -oversample_omega; the spec means the last one (D05). */
void solid_angle(Walk *walk)
{
	const Run *run = walk->run;
	double R = walk->airpath, p = run->detector.pixel;
	if (walk->omega == 0.0 || run->options->oversample_omega)
		walk->omega = run->options->point_pixel ? 1.0 / R / R : p * p / R / R * run->detector.close_distance / R;
	walk->omega_sum += walk->omega;
	CONFORM_PUT(omega, walk->omega);
}

/* detector.6   rho = d.normal.   detector.7   cap_t = exp(-t dz mu/rho) - exp(-(t+1) dz mu/rho).
   Formed at the first subpixel of each layer, unless -oversample_thick. */
void layer_capture(Walk *walk, int layer)
{
	const Detector *detector = &walk->run->detector;
	double dz = detector->thickness.step, rho;
	if (detector->thickness.range > 0.0 && (walk->capture == 0.0 || walk->run->options->oversample_thick)) {
		rho = dot(walk->diffracted, detector->normal);
		walk->capture = exp(-layer * dz * detector->mu / rho) - exp(-(layer + 1) * dz * detector->mu / rho);
		CONFORM_PUT(parallax, rho);
	}
	CONFORM_PUT(capture, walk->capture);
}
