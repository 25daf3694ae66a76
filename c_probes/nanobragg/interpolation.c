/* The amplitude between indices: the tricubic Lagrange polynomial through 64 entries of the table. */
#include <stdio.h>

#include "nanobragg.h"
#include "quantities.h"

enum { NODES = 4 };

/* structure.13   Do the nodes floor(x) - 1 ... floor(x) + 2 lie in the table? The program asks for 2 <= x - first and
   x + 2 <= last (quirk tight_stencil), up to one index too much. Not a number lies outside. */
static bool axis_inside(const Run *run, int axis, double x)
{
	double first = run->table.first[axis], last = first + run->table.range[axis] - 1.0;
	if (has_quirk(run->options, QUIRK_TIGHT_STENCIL))
		return x - first + 3.0 <= run->table.range[axis] && x - 2.0 >= first;
	return floor(x) - 1.0 >= first && floor(x) + 2.0 <= last;
}

static bool stencil_inside(const Run *run, const double hkl[3])
{
	return axis_inside(run, 0, hkl[0]) && axis_inside(run, 1, hkl[1]) && axis_inside(run, 2, hkl[2]);
}

/* structure.14   L(x) = sum over nodes i of y_i prod_{j != i} (x - x_j)/(x_i - x_j); x_j = first + j.
   Each product runs over increasing j, and the terms are added in order. */
static double lagrange(double first, const double y[NODES], double x)
{
	double sum = 0.0;
	for (int i = 0; i < NODES; i++) {
		double above = 1.0, below = 1.0;
		for (int j = 0; j < NODES; j++)
			if (j != i) {
				above *= x - (first + j);
				below *= (first + i) - (first + j);
			}
		sum += above * y[i] / below;
	}
	return sum;
}

/* structure.14   L along h of L along k of L along l. */
static double tricubic(const Table *table, const double hkl[3])
{
	int first[3];
	double along_h[NODES], along_k[NODES], along_l[NODES];
	for (int i = 0; i < 3; i++)
		first[i] = (int)floor(hkl[i]) - 1;
	for (int i = 0; i < NODES; i++) {
		for (int j = 0; j < NODES; j++) {
			for (int k = 0; k < NODES; k++)
				along_l[k] = table_value(table, first[0] + i, first[1] + j, first[2] + k);
			along_k[j] = lagrange(first[2], along_l, hkl[2]);
		}
		along_h[i] = lagrange(first[1], along_k, hkl[1]);
	}
	return lagrange(first[0], along_h, hkl[0]);
}

/* The nodes of every evaluation of a run that interpolates, also where the program no longer forms them. */
static void trace_stencil(const double hkl[3])
{
	(void)hkl;
	for (int i = 0; i < NODES; i++) {
		CONFORM_PUT_AT(stencil_h, i, floor(hkl[0]) - 1.0 + i);
		CONFORM_PUT_AT(stencil_k, i, floor(hkl[1]) - 1.0 + i);
		CONFORM_PUT_AT(stencil_l, i, floor(hkl[2]) - 1.0 + i);
	}
}

static void warn_once(const Run *run, const double hkl[3])
{
	if (atomic_exchange(run->interpolating, false))
		fprintf(stderr, "nanobragg: warning: out of range for interpolation: h k l = %g %g %g; this is said once\n", hkl[0],
		        hkl[1], hkl[2]);
}

/* structure.15   A stencil outside the table gives the default amplitude. In the program it ends the interpolation for the
   rest of the run, this evaluation included, which then looks up the nearest entry (quirk table_value_outside, D14).
   False: look up the nearest entry. */
bool interpolated_factor(const Run *run, const double hkl[3], double *F_cell)
{
	bool ends = has_quirk(run->options, QUIRK_TABLE_VALUE_OUTSIDE);
	trace_stencil(hkl);
	if (ends && !atomic_load_explicit(run->interpolating, memory_order_relaxed))
		return false;
	if (stencil_inside(run, hkl)) {
		*F_cell = tricubic(&run->table, hkl);
		return true;
	}
	warn_once(run, hkl);
	*F_cell = run->options->default_F;
	return !ends;
}
