/* The crystal: cell or matrix to reciprocal vectors, orientation, direct vectors, number of cells. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nanobragg.h"
#include "quantities.h"

enum { ALPHA = 3, BETA, GAMMA };

static double clip(double sine) { return sine > 1.0 ? 1.0 : sine < -1.0 ? -1.0 : sine; }

/* A cosine out of range becomes +1, whatever its sign. */
static double clip_cosine(double cosine) { return cosine * cosine > 1.0 ? 1.0 : cosine; }

/* cli.2   Missing b, c become a; missing angles 90 degrees: quirk incomplete_cell_completed, and beside a matrix. */
static void complete_cell(double cell[6])
{
	for (int i = 1; i < 3; i++)
		if (cell[i] <= 0.0)
			cell[i] = cell[0];
	for (int i = ALPHA; i <= GAMMA; i++)
		if (cell[i] <= 0.0)
			cell[i] = 90.0 / RTD;
}

/* crystal.3   s = (al+be+ga)/2; V = 2 a b c sqrt(abs(sin s sin(s-al) sin(s-be) sin(s-ga))). */
static double cell_volume(const double cell[6])
{
	double s = (cell[ALPHA] + cell[BETA] + cell[GAMMA]) / 2.0;
	double skew = fabs(sin(s) * sin(s - cell[ALPHA]) * sin(s - cell[BETA]) * sin(s - cell[GAMMA]));
	double volume = 2.0 * cell[0] * cell[1] * cell[2] * sqrt(skew);
	return volume > 0.0 ? volume : 2.2250738585072014e-308;
}

/* Cosine of the reciprocal angle that belongs to the first of three direct angles. */
static double reciprocal_cosine(double own, double other, double third)
{
	return clip_cosine((cos(other) * cos(third) - cos(own)) / (sin(other) * sin(third)));
}

/* crystal.4   as = b c sin(al)/V, cyclic.
   crystal.5   as along x, bs in the xy plane; cs_z = cs Vs/(as bs cs sin ga_s), for which the program has
   cs V/(a b c sin ga_s) (quirk direct_volume_ratio, D11). */
static void orient_cell(const double cell[6], double V, bool direct_ratio, Cell *reciprocal)
{
	double a = cell[0], b = cell[1], c = cell[2];
	double as = b * c * sin(cell[ALPHA]) / V, bs = c * a * sin(cell[BETA]) / V, cs = a * b * sin(cell[GAMMA]) / V;
	double cos_al = reciprocal_cosine(cell[ALPHA], cell[BETA], cell[GAMMA]);
	double cos_be = reciprocal_cosine(cell[BETA], cell[GAMMA], cell[ALPHA]);
	double cos_ga = reciprocal_cosine(cell[GAMMA], cell[ALPHA], cell[BETA]);
	double sin_ga = clip(c * (1.0 / V) / (as * bs));
	double cs_z = direct_ratio ? cs * V / (a * b * c * sin_ga) : 1.0 / V / (as * bs * sin_ga);
	CONFORM_PUT3(reciprocal_length, as, bs, cs);
	set(reciprocal->v[0], as, 0.0, 0.0);
	set(reciprocal->v[1], bs * cos_ga, bs * sin_ga, 0.0);
	set(reciprocal->v[2], cs * cos_be, cs * (cos_al - cos_be * cos_ga) / sin_ga, cs_z);
}

/* ---- orientation ---- */

/* crystal.2, units.15   Nine numbers; row = lab component, column = reciprocal vector; each times 1e-10/lambda0.
   cli.36   A file that is not there is refused. The program goes on: with the orientation of the cell if there is one (quirk
   missing_matrix_ignored, D33), else with a cell of NaN, which no quirk asks for. */
static void read_matrix(const Options *options, Cell *reciprocal)
{
	FILE *file = fopen(options->matrix, "r");
	int found = 0;
	if (!file && options->cell_given && has_quirk(options, QUIRK_MISSING_MATRIX_IGNORED)) {
		fprintf(stderr, "nanobragg: %s: warning: no such matrix file (%s); the orientation is that of -cell\n",
		        options->matrix, strerror(errno));
		return;
	}
	if (!file)
		refuse("cannot read the matrix file %s: %s", options->matrix, strerror(errno));
	while (found < 9 && fscanf(file, "%99lg", &reciprocal->v[found % 3][found / 3]) == 1)
		found++;
	if (ferror(file))
		refuse("cannot read the matrix file %s: %s", options->matrix, strerror(errno));
	if (found < 9)
		refuse("the matrix file %s begins with %d numbers where 9 are needed", options->matrix, found);
	fclose(file);
	for (int i = 0; i < 9; i++)
		CONFORM_PUT_AT(matrix, i, reciprocal->v[i % 3][i / 3]);
	for (int i = 0; i < 3; i++)
		scale(reciprocal->v[i], 1e-10 / options->lambda0, reciprocal->v[i]);
}

/* The angles about lab x, y, z that turn as the matrix does. */
static void matrix_angles(const Matrix *matrix, double angles[3])
{
	const double *x = matrix->row[X], *y = matrix->row[Y], *z = matrix->row[Z];
	if (z[X] * z[X] < 1.0)
		set(angles, atan2(z[Y], z[Z]), atan2(-z[X], sqrt(z[Y] * z[Y] + z[Z] * z[Z])), atan2(y[X], x[X]));
	else
		set(angles, PI, PI / 2.0, atan2(x[Y], -y[Y]));
}

/* crystal.6   A rotation of the mosaic recipe with a cap of 90 degrees; the program has 90 radians (quirk
   degrees_as_radians, D34). */
static void draw_misset(const Options *options, Random *random, double angles[3])
{
	int64_t state = options->misset_seed;
	Matrix matrix;
	random_rotation(random, &state, has_quirk(options, QUIRK_DEGREES_AS_RADIANS) ? 90.0 : 90.0 / RTD, &matrix);
	for (int i = 0; i < 3; i++)
		unit(matrix.row[i], matrix.row[i]);
	matrix_angles(&matrix, angles);
	printf("random orientation misset angles: %f %f %f deg\n", angles[X] * RTD, angles[Y] * RTD, angles[Z] * RTD);
}

/* crystal.7   The reciprocal vectors, right-handed about lab x, then y, then z. */
static void apply_misset(Crystal *crystal, const Options *options, Random *random)
{
	copy(options->misset, crystal->misset);
	if (options->random_misset)
		draw_misset(options, random, crystal->misset);
	for (int i = 0; i < 3; i++)
		rotate_xyz(crystal->reciprocal.v[i], crystal->misset);
}

static void rescale(double *v, double length) { scale(v, length / norm(v), v); }

/* crystal.8   Vs = as.(bs x cs), V = 1/Vs.   crystal.9   a = V (bs x cs), cyclic.
   A given cell dictates the lengths, also over a matrix (D32): |bs x cs| = a/V and so on. */
static void direct_cell(Crystal *crystal, const double cell[6], bool given)
{
	Vec *recip = crystal->reciprocal.v, products[3];
	double volume_star;
	for (int i = 0; i < 3; i++)
		cross(recip[(i + 1) % 3], recip[(i + 2) % 3], products[i]);
	volume_star = dot(recip[0], products[0]);
	if (given) {
		for (int i = 0; i < 3; i++)
			rescale(products[i], cell[i] / crystal->input_volume);
		volume_star = 1.0 / crystal->input_volume;
	}
	crystal->volume = 1.0 / volume_star;
	for (int i = 0; i < 3; i++)
		scale(products[i], crystal->volume, crystal->direct.v[i]);
}

/* crystal.8   V = a.(b x c) of the vectors as they are. Where a cell is given the program has V of its formula, which is
   another one if angles and orientation came out otherwise (quirk nominal_volume, D11, D32). */
static void correct_volume(Crystal *crystal)
{
	Vec product;
	cross(crystal->direct.v[1], crystal->direct.v[2], product);
	crystal->volume = dot(crystal->direct.v[0], product);
}

/* crystal.10   as = Vs (b x c), cyclic.   crystal.16 (units)   the cell in metres. */
static void finish_cell(Crystal *crystal)
{
	const Vec *direct = (const Vec *)crystal->direct.v;
	for (int i = 0; i < 3; i++) {
		cross(direct[(i + 1) % 3], direct[(i + 2) % 3], crystal->reciprocal.v[i]);
		scale(crystal->reciprocal.v[i], 1.0 / crystal->volume, crystal->reciprocal.v[i]);
		scale(direct[i], 1e-10, crystal->cell0.v[i]);
		crystal->length[i] = norm(crystal->cell0.v[i]);
		if (!(crystal->length[i] > 0.0 && isfinite(crystal->length[i])))
			refuse("axis %c of the unit cell has the length %g m; check -cell, -mat and -misset", "abc"[i],
			       crystal->length[i]);
	}
}

static void trace_cell(const Crystal *crystal, const Options *options, const double cell[6])
{
	(void)crystal, (void)options, (void)cell;
	CONFORM_PUT_INT(cell_given, options->cell_given);
	CONFORM_PUT_INT(matrix_given, options->matrix != NULL);
	CONFORM_PUT_INT(misset_random, options->random_misset);
	CONFORM_PUT_ARRAY(reciprocal_set, crystal->reciprocal.v[0]);
	if (!options->cell_given)
		return;
	CONFORM_PUT_ARRAY(cell_length, cell);
	CONFORM_PUT_ARRAY(cell_angle, cell + ALPHA);
	CONFORM_PUT(cell_volume, crystal->input_volume);
}

static void trace_crystal(const Crystal *crystal)
{
	(void)crystal;
	CONFORM_PUT_ARRAY(cell0, crystal->cell0.v[0]);
	CONFORM_PUT_ARRAY(misset, crystal->misset);
	CONFORM_PUT_ARRAY(reciprocal_cell, crystal->reciprocal.v[0]);
	CONFORM_PUT(V_cell, crystal->volume);
	CONFORM_PUT(V_star, 1.0 / crystal->volume);
}

void build_crystal(Crystal *crystal, const Options *options, Random *random)
{
	double cell[6];
	memcpy(cell, options->cell, sizeof cell);
	if (options->cell_given) {
		complete_cell(cell);
		crystal->input_volume = cell_volume(cell);
		orient_cell(cell, crystal->input_volume, has_quirk(options, QUIRK_DIRECT_VOLUME_RATIO), &crystal->reciprocal);
	}
	if (options->matrix)
		read_matrix(options, &crystal->reciprocal);
	trace_cell(crystal, options, cell);
	apply_misset(crystal, options, random);
	CONFORM_PUT_ARRAY(reciprocal_oriented, crystal->reciprocal.v[0]);
	direct_cell(crystal, cell, options->cell_given);
	if (options->cell_given && !has_quirk(options, QUIRK_NOMINAL_VOLUME))
		correct_volume(crystal);
	finish_cell(crystal);
	trace_crystal(crystal);
}

/* crystal.12   N = ceil(sample/|a|) where a size is given.   crystal.13   N = max(1, N). */
void size_crystal(Crystal *crystal, const Options *options, const double sample[3])
{
	for (int i = 0; i < 3; i++) {
		double count = sample[i] > 0.0 ? ceil(sample[i] / crystal->length[i]) : options->N[i];
		if (!(count < 1e9))
			refuse("the crystal would have %g cells along an axis", count);
		crystal->N[i] = count > 1.0 ? (int)count : 1;
		CONFORM_PUT_AT(crystal_width, i, crystal->length[i] * crystal->N[i]);
	}
	CONFORM_PUT_INT3(N_asked, options->N[0], options->N[1], options->N[2]);
	CONFORM_PUT_INT3(N, crystal->N[0], crystal->N[1], crystal->N[2]);
	CONFORM_PUT_ARRAY(sample_asked, options->sample);
	CONFORM_PUT_ARRAY(sample_size, sample);
}
