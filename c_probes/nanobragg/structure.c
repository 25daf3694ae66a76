/* Structure factors: the HKL text file, the table, the value at an index. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nanobragg.h"
#include "quantities.h"

static const double LARGEST_INDEX = 1e8;             /* beyond this, no table fits anyway */
static const double LARGEST_TABLE = 2147483648.0;    /* bytes */

static void check_index(const char *name, double index)
{
	if (!(fabs(index) <= LARGEST_INDEX))
		refuse("%s: the index %g is out of any range", name, index);
}

static void warn_fraction(const char *name, const double group[4])
{
	for (int i = 0; i < 3; i++)
		if (group[i] != ceil(group[i] - 0.4))
			fprintf(stderr, "nanobragg: %s: warning: %g %g %g are not integers\n", name, group[0], group[1], group[2]);
}

/* A stream of numbers must end where the file ends. The original takes what stands before a word and drops the rest
   without a sound (D20); `found` numbers of a group of four were read when it stopped, `reflections` groups before. */
static void check_end(FILE *file, const char *name, int found, int reflections, const char *expected)
{
	char word[32] = "";
	if (ferror(file))
		refuse("cannot read the structure factors %s: %s", name, strerror(errno));
	if (found == EOF)
		return;
	if (fscanf(file, "%31s", word) == 1)
		refuse("%s: reflection %d: expected %s, found `%s`", name, reflections + 1, expected, word);
	refuse("%s: reflection %d: the file ends where %s are expected", name, reflections + 1, expected);
}

/* structure.1   First pass: groups of four numbers; lines mean nothing (D20). */
static void find_extremes(FILE *file, const char *name, Table *table, int last[3])
{
	double group[4];
	int found;
	for (int i = 0; i < 3; i++) {
		table->first[i] = INT_MAX;
		last[i] = INT_MIN;
	}
	while ((found = fscanf(file, "%lg%lg%lg%lg", &group[0], &group[1], &group[2], &group[3])) == 4) {
		for (int i = 0; i < 3; i++) {
			check_index(name, group[i]);
			table->first[i] = (int)group[i] < table->first[i] ? (int)group[i] : table->first[i];
			last[i] = (int)group[i] > last[i] ? (int)group[i] : last[i];
		}
		warn_fraction(name, group);
		table->n_hkls++;
	}
	check_end(file, name, found, table->n_hkls, "four numbers h k l F");
	if (table->n_hkls == 0)
		refuse("%s: not enough HKL indices", name);
}

/* structure.2   The whole box, and one more plane on each axis. */
static void make_table(Table *table, const char *name, const int last[3])
{
	double elements = 1.0;
	for (int i = 0; i < 3; i++) {
		table->range[i] = last[i] - table->first[i] + 1;
		elements *= table->range[i] + 1.0;
	}
	if (elements * sizeof(double) > LARGEST_TABLE)
		refuse("%s: the indices span %d x %d x %d, more than this program holds in memory", name, table->range[0],
		       table->range[1], table->range[2]);
	table->stride[1] = table->range[2] + 1;
	table->stride[0] = table->stride[1] * (table->range[1] + 1);
	table->F = allocate((size_t)elements, sizeof(double));
}

static double *entry(const Table *table, int h, int k, int l)
{
	return &table->F[(h - table->first[0]) * table->stride[0] + (k - table->first[1]) * table->stride[1] +
	                 (l - table->first[2])];
}

/* structure.3   Gaps keep default_F; the extra planes stay 0. */
static void prefill(Table *table, double default_F)
{
	for (int h = 0; h < table->range[0]; h++)
		for (int k = 0; k < table->range[1]; k++)
			for (int l = 0; l < table->range[2]; l++)
				table->F[h * table->stride[0] + k * table->stride[1] + l] = default_F;
}

static bool inside(const Table *table, const int hkl[3])
{
	for (int i = 0; i < 3; i++)
		if (hkl[i] < table->first[i] || hkl[i] > table->first[i] + table->range[i] - 1)
			return false;
	return true;
}

/* structure.11 (table)   Second pass: three integers and a real; a later reflection wins. An integer with a decimal
   point shifts what follows, so that a group may name an index that the first pass never saw. */
static void fill(FILE *file, const char *name, Table *table)
{
	int hkl[3], found, reflections = 0;
	double F;
	while ((found = fscanf(file, "%d%d%d%lg", &hkl[0], &hkl[1], &hkl[2], &F)) == 4) {
		if (!inside(table, hkl))
			refuse("%s: index %d %d %d is outside the range of the indices; are they written as integers?", name,
			       hkl[0], hkl[1], hkl[2]);
		*entry(table, hkl[0], hkl[1], hkl[2]) = F;
		reflections++;
	}
	check_end(file, name, found, reflections, "three integers h k l and a number F");
}

static void read_hkl(Table *table, const Options *options)
{
	int last[3];
	FILE *file = fopen(options->hkl, "r");
	if (!file)
		refuse("cannot read the structure factors %s: %s", options->hkl, strerror(errno));
	find_extremes(file, options->hkl, table, last);
	make_table(table, options->hkl, last);
	if (options->default_F != 0.0)
		prefill(table, options->default_F);
	rewind(file);
	fill(file, options->hkl, table);
	fclose(file);
}

void load_structure_factors(Table *table, const Options *options)
{
	CONFORM_PUT(default_F, options->default_F);
	if (!options->hkl)
		return;
	read_hkl(table, options);
	CONFORM_GRID(h, table->first[0], table->range[0]);
	CONFORM_GRID(k, table->first[1], table->range[1]);
	CONFORM_GRID(l, table->first[2], table->range[2]);
	CONFORM_PUT_TABLE(F_table, table->F, table->stride[0], table->stride[1], 1);
}

/* structure.10   Automatic: on if any count is at most 2, as given by -N (D15); off without reflections. */
bool choose_interpolation(const Options *options, const Table *table)
{
	bool small = options->N[0] <= 2 || options->N[1] <= 2 || options->N[2] <= 2;
	bool on = options->interpolate < 0 ? small : options->interpolate > 0;
	on = on && table->n_hkls > 0;
	if (on)
		refuse("a crystal of at most 2 cells along an axis interpolates the structure factors, which is not supported "
		       "yet; give -nointerpolate");
	CONFORM_PUT_INT(interpolate, on);
	return on;
}

/* structure.11   Fcell = table(h0,k0,l0).   structure.12   outside the box: default_F. */
double structure_factor(const Run *run, const int hkl0[3])
{
	const Table *table = &run->table;
	if (table->n_hkls != 0 && inside(table, hkl0))
		return *entry(table, hkl0[0], hkl0[1], hkl0[2]);
	return run->options->default_F;
}
