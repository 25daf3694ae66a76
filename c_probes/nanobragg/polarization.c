/* The polarization factor of Kahn. */
#include "nanobragg.h"
#include "quantities.h"

/* polarization.2   B = unit(pol x inc), E = unit(inc x B).   polarization.3   psi = -atan2(d.B, d.E). */
static double azimuth(const Walk *walk, const double *incident, const double *diffracted)
{
	Vec axis, B, E;
	unit(walk->run->detector.polar, axis);
	cross(axis, incident, B);
	unit(B, B);
	cross(incident, B, E);
	unit(E, E);
	CONFORM_PUT_ARRAY(frame_b, B);
	CONFORM_PUT_ARRAY(frame_e, E);
	return -atan2(dot(diffracted, B), dot(diffracted, E));
}

/* polarization.1   c2 = inc.d.   polarization.4   P = (1 + c2^2 - K cos(2 psi) (1 - c2^2))/2.
   Both directions are normalised once more; the program leaves them so, which moves the last digits of q for the sources
   that follow (quirk directions_renormalized). */
void polarization_factor(Walk *walk)
{
	double K = walk->run->options->kahn, c2, psi, square;
	Vec incident, diffracted;
	unit(walk->incident, incident);
	unit(walk->diffracted, diffracted);
	c2 = dot(incident, diffracted);
	square = c2 * c2;
	psi = K != 0.0 ? azimuth(walk, incident, diffracted) : 0.0;
	if (has_quirk(walk->run->options, QUIRK_DIRECTIONS_RENORMALIZED))
		copy(diffracted, walk->diffracted);
	walk->polar = 0.5 * (1.0 + square - K * cos(2.0 * psi) * (1.0 - square));
	CONFORM_PUT(cos_2theta, c2);
	CONFORM_PUT(psi, psi);
}
