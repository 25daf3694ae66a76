/* Random numbers: uniform, Gaussian and Poisson deviates, random rotations.

   One generator with a shuffle table serves misset, mosaic and noise in this order; each has a state of its own. What the
   original holds in single precision is float here: the deviates depend on it to the last bit (facts: random numbers). */
#include "nanobragg.h"
#include "quantities.h"

enum { MULTIPLIER = 16807, MODULUS = 2147483647, QUOTIENT = 127773, REMAINDER = 2836, DIVISOR = 67108864 };

/* x <- 16807 x mod 2147483647, by Schrage's split, which needs no more bits than the modulus. */
static int64_t advance(int64_t x)
{
	int64_t k = x / QUOTIENT;
	x = MULTIPLIER * (x - k * QUOTIENT) - REMAINDER * k;
	return x < 0 ? x + MODULUS : x;
}

/* A state of at most 0, or a table that was never filled, restarts; a positive one goes on with the table (D51). */
static void restart(Random *random, int64_t *state)
{
	*state = -*state < 1 ? 1 : -*state;
	for (int i = 39; i >= 0; i--) {
		*state = advance(*state);
		if (i < SHUFFLE)
			random->table[i] = *state;
	}
	random->last = random->table[0];
}

/* random.1   Linear congruential with a shuffle table; at most single(1 - 1.2e-7). */
double uniform(Random *random, int64_t *state)
{
	const double most = 1.0 - 1.2e-7;
	float deviate;
	int64_t place;
	if (*state <= 0 || random->last == 0)
		restart(random, state);
	*state = advance(*state);
	place = random->last / DIVISOR;
	random->last = random->table[place];
	random->table[place] = *state;
	deviate = (float)(1.0 / MODULUS * (double)random->last);
	return (double)deviate > most ? (double)(float)most : (double)deviate;
}

/* Matrix of the rotation by the angle about the unit vector n: cos d_ij + (1 - cos) n_i n_j - sin e_ijk n_k. */
static void rotation_about(const double *n, double angle, Matrix *out)
{
	double c = cos(angle), s = sin(angle), rest = 1.0 - c;
	set(out->row[X], c + rest * n[X] * n[X], rest * n[X] * n[Y] - s * n[Z], rest * n[X] * n[Z] + s * n[Y]);
	set(out->row[Y], rest * n[X] * n[Y] + s * n[Z], c + rest * n[Y] * n[Y], rest * n[Y] * n[Z] - s * n[X]);
	set(out->row[Z], rest * n[X] * n[Z] - s * n[Y], rest * n[Y] * n[Z] + s * n[X], c + rest * n[Z] * n[Z]);
}

/* random.3   A random axis, and the angle spread (1 - r^2)^(1/3): a cap of that half-angle. Three deviates in -1 ... 1. */
Draw random_rotation(Random *random, int64_t *state, double spread, Matrix *out)
{
	Draw draw;
	double r[3], radius;
	for (int i = 0; i < 3; i++) {
		draw.deviate[i] = uniform(random, state);
		draw.integer[i] = random->last;
		draw.state[i] = *state;
		r[i] = 2.0 * draw.deviate[i] - 1.0;
	}
	draw.angle = (double)((float)spread * powf((float)(1.0 - r[2] * r[2]), (float)(1.0 / 3.0)));
	radius = sqrt(1.0 - r[1] * r[1]);
	set(draw.axis, radius * sin(PI * r[0]), radius * cos(PI * r[0]), r[1]);
	rotation_about(draw.axis, draw.angle, out);
	return draw;
}

/* A pair at a time, by Box and Muller; the second one is kept for the next call. */
static float gaussian(Random *random, int64_t *state)
{
	float v1, v2, square, factor;
	random->has_spare = !random->has_spare;
	if (!random->has_spare)
		return random->spare;
	do {
		v1 = (float)(2.0 * uniform(random, state) - 1.0);
		v2 = (float)(2.0 * uniform(random, state) - 1.0);
		square = v1 * v1 + v2 * v2;
	} while (square >= 1.0f || square == 0.0f);
	factor = (float)sqrt(-2.0 * log((double)square) / (double)square);
	random->spare = v1 * factor;
	return v2 * factor;
}

/* ln Gamma(x), Lanczos; double inside, single outside. */
static float log_gamma(float x)
{
	static const double c[6] = { 76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155,
	                             0.1208650973866179e-2, -0.5395239384953e-5 };
	double y = (double)x, t = y + 5.5, series = 1.000000000190015;
	t -= (y + 0.5) * log(t);
	for (int i = 0; i < 6; i++)
		series += c[i] / ++y;
	return (float)(-t + log(2.5066282746310005 * series / (double)x));
}

/* Below 12: how many uniform deviates, multiplied, stay above exp(-mean). */
static float poisson_by_product(Random *random, int64_t *state, float mean)
{
	float limit = (float)exp((double)-mean), product = 1.0f, count = -1.0f;
	do {
		count += 1.0f;
		product *= (float)uniform(random, state);
	} while (product > limit);
	return count;
}

/* From 12: rejection with a Lorentzian. Written so that not-a-number ends the loops. */
static float poisson_by_rejection(Random *random, int64_t *state, float mean)
{
	float root = (float)sqrt(2.0 * (double)mean), logarithm = (float)log((double)mean);
	float g = mean * logarithm - log_gamma(mean + 1.0f), y, count, bound;
	do {
		do {
			y = (float)tan(PI * uniform(random, state));
			count = root * y + mean;
		} while (count < 0.0f);
		count = floorf(count);
		bound = (float)(0.9 * (1.0 + (double)(y * y)) *
		                exp((double)(count * logarithm - log_gamma(count + 1.0f) - g)));
	} while (uniform(random, state) > (double)bound);
	return count;
}

/* random.2   Exact below 12, rejection up to 1e6, above it mean + sqrt(mean) Gaussian, not rounded. */
float poisson(Random *random, int64_t *state, float mean)
{
	CONFORM_PUT_INT(noise_regime, mean > 1e6f ? 2 : mean < 12.0f ? 0 : 1);
	if (mean > 1e6f) {
		float deviate = gaussian(random, state);
		CONFORM_PUT(noise_gaussian, (double)deviate);
		return (float)((double)mean + sqrt((double)mean) * (double)deviate);
	}
	return mean < 12.0f ? poisson_by_product(random, state, mean) : poisson_by_rejection(random, state, mean);
}
