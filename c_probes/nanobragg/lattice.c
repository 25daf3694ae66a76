/* The lattice factor F_latt: interference of the cells of the crystal, one formula for each shape. */
#include "nanobragg.h"
#include "quantities.h"

/* lattice.3   G(x, N) = sin(N x)/sin(x), and N at x = 0.   x = pi h in radians, with its integer part (D28).
   The exact test on zero belongs to the clause: a threshold would be another function. */
static double grating(double x, int N) { return x == 0.0 ? N : sin(x * N) / sin(x); }

/* lattice.2   Flat = G(pi h, Na) G(pi k, Nb) G(pi l, Nc); an axis of one cell gives 1. */
static double square_factor(const int N[3], const double hkl[3])
{
	double F_latt = 1.0, factor[3];
	for (int i = 0; i < 3; i++) {
		factor[i] = N[i] > 1 ? grating(PI * hkl[i], N[i]) : 1.0;
		F_latt *= factor[i];
	}
	CONFORM_PUT_ARRAY(F_latt_axis, factor);
	return F_latt;
}

/* lattice.5   S3(x) = 3 (sin x/x - cos x)/x^2, and 1 at x = 0. */
static double sphere_transform(double x) { return x == 0.0 ? 1.0 : 3.0 * (sin(x) / x - cos(x)) / (x * x); }

/* lattice.4   hr2 = sum of (x-x0)^2 N^2; Flat = Nall 0.723601254558268 S3(pi sqrt(fudge hr2)). */
static double round_factor(const int N[3], const double offset[3], double fudge)
{
	double hr2 = 0.0, sphere;
	for (int i = 0; i < 3; i++)
		hr2 += offset[i] * offset[i] * N[i] * N[i];
	sphere = sphere_transform(PI * sqrt(hr2 * fudge));
	CONFORM_PUT(rho_sqr, hr2);
	CONFORM_PUT(sphere, sphere);
	return (double)N[0] * N[1] * N[2] * 0.723601254558268 * sphere;
}

/* lattice.6   dr2 = norm((h-h0) as + (k-k0) bs + (l-l0) cs)^2 Na^2 Nb^2 Nc^2, in 1/Angstrom^2 (D24). */
static double reciprocal_offset(const Crystal *crystal, const double offset[3])
{
	const int *N = crystal->N;
	Vec d;
	for (int i = 0; i < 3; i++)
		d[i] = offset[0] * crystal->reciprocal.v[0][i] + offset[1] * crystal->reciprocal.v[1][i] +
		       offset[2] * crystal->reciprocal.v[2][i];
	return dot(d, d) * N[0] * N[0] * N[1] * N[1] * N[2] * N[2];
}

/* lattice.7   gauss: Nall exp(-(dr2/0.63) fudge).   lattice.8   tophat: Nall if dr2 fudge < 0.3969, else 0. */
static double smooth_factor(const Crystal *crystal, int shape, const double offset[3], double fudge)
{
	double cells = (double)crystal->N[0] * crystal->N[1] * crystal->N[2];
	double dr2 = reciprocal_offset(crystal, offset);
	CONFORM_PUT(offset_measure, dr2);
	if (shape == GAUSS)
		return cells * exp(-(dr2 / 0.63 * fudge));
	return dr2 * fudge < 0.3969 ? cells : 0.0;
}

/* lattice.1   The shape is a choice of the user. */
double lattice_factor(const Run *run, const double hkl[3], const int hkl0[3])
{
	const Options *options = run->options;
	double offset[3];
	if (options->shape == SQUARE)
		return square_factor(run->crystal.N, hkl);
	for (int i = 0; i < 3; i++)
		offset[i] = hkl[i] - hkl0[i];
	if (options->shape == ROUND)
		return round_factor(run->crystal.N, offset, options->fudge);
	return smooth_factor(&run->crystal, options->shape, offset, options->fudge);
}
