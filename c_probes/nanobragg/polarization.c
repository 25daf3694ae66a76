/* The polarization factor of Kahn. */
#include "nanobragg.h"
#include "quantities.h"

/* polarization.2   B = unit(pol x inc), E = unit(inc x B).   polarization.3   psi = -atan2(d.B, d.E). */
static double azimuth(const Walk *walk)
{
	Vec axis, B, E;
	unit(walk->run->detector.polar, axis);
	cross(axis, walk->incident, B);
	unit(B, B);
	cross(walk->incident, B, E);
	unit(E, E);
	CONFORM_PUT_ARRAY(frame_b, B);
	CONFORM_PUT_ARRAY(frame_e, E);
	return -atan2(dot(walk->diffracted, B), dot(walk->diffracted, E));
}

/* polarization.1   c2 = inc.d.   polarization.4   P = (1 + c2^2 - K cos(2 psi) (1 - c2^2))/2.
   Both directions are normalised again in place, which moves their last digits for the sources that follow. */
void polarization_factor(Walk *walk)
{
	double K = walk->run->options->kahn, c2, psi, square;
	unit(walk->incident, walk->incident);
	unit(walk->diffracted, walk->diffracted);
	c2 = dot(walk->incident, walk->diffracted);
	square = c2 * c2;
	psi = K != 0.0 ? azimuth(walk) : 0.0;
	walk->polar = 0.5 * (1.0 + square - K * cos(2.0 * psi) * (1.0 - square));
	CONFORM_PUT(cos_2theta, c2);
	CONFORM_PUT(psi, psi);
}
