/* From the terms of the sum to the value of the pixel. */
#include "nanobragg.h"
#include "quantities.h"

/* scaling.2   acc += Fcell^2 Flat^2.   scaling.3, .4, .5   with its flag, each factor multiplies the whole running sum,
   in this order (D03). */
void accumulate(Walk *walk, double F_cell, double F_latt)
{
	const Options *options = walk->run->options;
	double term = F_cell * F_cell * F_latt * F_latt;
	walk->I += term;
	if (options->oversample_thick)
		walk->I *= walk->capture;
	if (options->oversample_polar)
		walk->I *= walk->polar;
	if (options->oversample_omega)
		walk->I *= walk->omega;
	CONFORM_PUT(F_cell, F_cell);                        /* last, where no register need be kept for what follows */
	CONFORM_PUT(term, term);
}

/* scaling.8   S = r_e_sqr fluence acc/steps.   scaling.9, .10, .11   times capture, polarization and solid angle,
   as the loops left them, where the sum does not hold them already. */
double final_value(const Walk *walk)
{
	const Run *run = walk->run;
	double S = R_E_SQR * run->beam.fluence * walk->I / run->steps;
	CONFORM_PUT(I, walk->I);
	CONFORM_PUT(scaled, S);
	if (!run->options->oversample_thick)
		S *= walk->capture;
	if (!run->options->oversample_polar)
		S *= walk->polar;
	if (!run->options->oversample_omega)
		S *= walk->omega;
	CONFORM_PUT(capture_final, walk->capture);
	CONFORM_PUT(polar_final, walk->polar);
	CONFORM_PUT(omega_final, walk->omega);
	CONFORM_PUT(intensity, S);
	return S;
}
