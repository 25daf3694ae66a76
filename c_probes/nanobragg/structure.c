/* Structure factors: the text file of reflections, the table, the value at an index. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nanobragg.h"
#include "quantities.h"

static const double LARGEST_INDEX = 1e8;             /* beyond this, no table fits anyway */
static const double LARGEST_TABLE = 2147483648.0;    /* bytes */
static const char blanks[] = " \t\r\n";
enum { LONGEST_LINE = 1 << 12 };

/* structure.4 */
int checked_index(const char *name, double index)
{
	if (!(fabs(index) <= LARGEST_INDEX))
		refuse("%s: the index %g is out of any range", name, index);
	return (int)index;
}

static void warn_fraction(const char *name, const double group[4])
{
	for (int i = 0; i < 3; i++)
		if (group[i] != ceil(group[i] - 0.4))
			fprintf(stderr, "nanobragg: %s: warning: %g %g %g are not integers\n", name, group[0], group[1], group[2]);
}

/* structure.2   The whole box, and one more plane on each axis. */
void make_table(Table *table, const char *name, const int last[3])
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

double table_value(const Table *table, int h, int k, int l) { return *entry(table, h, k, l); }

bool in_table(const Table *table, const int hkl[3])
{
	for (int i = 0; i < 3; i++)
		if (hkl[i] < table->first[i] || hkl[i] > table->first[i] + table->range[i] - 1)
			return false;
	return true;
}

/* structure.11 (table)   A later reflection of the same index wins. */
static void store(Table *table, const char *name, const int hkl[3], double F)
{
	if (!in_table(table, hkl))
		refuse("%s: index %d %d %d is outside the range of the indices; are they written as integers?", name, hkl[0],
		       hkl[1], hkl[2]);
	*entry(table, hkl[0], hkl[1], hkl[2]) = F;
	note_reflection(table, hkl, F);
}

/* structure.1   Smallest and largest index on each axis. */
static void widen(Table *table, int last[3], const char *name, const double group[4])
{
	for (int i = 0; i < 3; i++) {
		int index = checked_index(name, group[i]);
		table->first[i] = index < table->first[i] ? index : table->first[i];
		last[i] = index > last[i] ? index : last[i];
	}
}

/* ---- reflections as a stream of numbers: lines mean nothing (quirk hkl_number_stream, D20) ---- */

/* The original drops what follows a word, or a group that is cut short, without a sound; here it is said. */
static void check_end(FILE *file, const char *name, int found, int reflections, const char *expected)
{
	if (ferror(file))
		refuse("cannot read the structure factors %s: %s", name, strerror(errno));
	if (found != EOF)
		fprintf(stderr, "nanobragg: %s: warning: reading ends at reflection %d, where %s are expected\n", name,
		        reflections + 1, expected);
}

/* structure.1   First pass: groups of four numbers. */
static void find_extremes(FILE *file, const char *name, Table *table, int last[3])
{
	double group[4];
	int found;
	while ((found = fscanf(file, "%99lg%99lg%99lg%99lg", &group[0], &group[1], &group[2], &group[3])) == 4) {
		widen(table, last, name, group);
		warn_fraction(name, group);
		table->n_hkls++;
	}
	check_end(file, name, found, table->n_hkls, "four numbers h k l F");
}

/* Second pass: three integers and a real; a later reflection wins. An integer with a decimal point shifts what follows,
   so that a group may name an index that the first pass never saw. */
static void fill(FILE *file, const char *name, Table *table)
{
	long long index[3];
	int hkl[3], found, reflections = 0;
	double F;
	while ((found = fscanf(file, "%18lld%18lld%18lld%99lg", &index[0], &index[1], &index[2], &F)) == 4) {
		for (int i = 0; i < 3; i++)
			hkl[i] = checked_index(name, (double)index[i]);
		store(table, name, hkl, F);
		reflections++;
	}
	if (reflections < table->n_hkls)
		check_end(file, name, found, reflections, "three integers h k l and a number F");
}

/* ---- reflections as lines (structure.1, .5) ---- */

/* 1: a reflection; 0: an empty line or a comment. Columns after the fourth, a phase for example, are ignored. */
static int parse_line(const char *line, const char *name, int number, double group[4])
{
	char *end;
	int shown;
	line += strspn(line, blanks);
	if (*line == '\0' || *line == '#')
		return 0;
	for (int i = 0; i < 4; i++) {
		group[i] = strtod(line, &end);
		shown = (int)strcspn(line, "\r\n");
		if (end == line)
			refuse("%s: line %d: expected four numbers h k l F, found `%.*s`", name, number, shown < 30 ? shown : 30, line);
		line = end + strspn(end, blanks);
	}
	return 1;
}

/* The next reflection; false at the end of the file. */
static bool next_reflection(FILE *file, const char *name, int *number, double group[4])
{
	char line[LONGEST_LINE];
	while (read_line(file, "structure factors", name, ++*number, line, sizeof line))
		if (parse_line(line, name, *number, group))
			return true;
	return false;
}

static void find_extremes_by_line(FILE *file, const char *name, Table *table, int last[3])
{
	double group[4];
	for (int number = 0; next_reflection(file, name, &number, group);) {
		widen(table, last, name, group);
		warn_fraction(name, group);
		table->n_hkls++;
	}
}

static void fill_by_line(FILE *file, const char *name, Table *table)
{
	double group[4];
	for (int number = 0; next_reflection(file, name, &number, group);) {
		const int hkl[3] = { (int)group[0], (int)group[1], (int)group[2] };
		store(table, name, hkl, group[3]);
	}
}

static void read_hkl(Table *table, const Options *options)
{
	bool stream = has_quirk(options, QUIRK_HKL_NUMBER_STREAM);
	int last[3] = { INT_MIN, INT_MIN, INT_MIN };
	FILE *file = fopen(options->hkl, "r");
	if (!file)
		refuse("cannot read the structure factors %s: %s", options->hkl, strerror(errno));
	for (int i = 0; i < 3; i++)
		table->first[i] = INT_MAX;
	(stream ? find_extremes : find_extremes_by_line)(file, options->hkl, table, last);
	if (table->n_hkls == 0)
		refuse("%s: not enough HKL indices", options->hkl);
	make_table(table, options->hkl, last);
	if (options->default_F != 0.0)
		prefill(table, options->default_F);
	rewind(file);
	(stream ? fill : fill_by_line)(file, options->hkl, table);
	fclose(file);
}

/* structure.9   Without a text file the cache is read, if there is one, even where a default is given (D21). */
void load_structure_factors(Table *table, const Options *options)
{
	CONFORM_PUT(default_F, options->default_F);
	if (options->hkl) {
		read_hkl(table, options);
		write_cache(table, options->dump);
	} else if (!read_cache(table, options)) {
		trace_reflections(table);
		return;
	}
	CONFORM_GRID(h, table->first[0], table->range[0]);
	CONFORM_GRID(k, table->first[1], table->range[1]);
	CONFORM_GRID(l, table->first[2], table->range[2]);
	CONFORM_PUT_TABLE(F_table, table->F, table->stride[0], table->stride[1], 1);
	trace_reflections(table);
}

/* ---- the value at an index ---- */

/* structure.10   Unless a flag says so: on if any number of cells is at most 2. The program sees the numbers as -N gives
   them, before a sample size changes them (quirk mode_before_size, D15). Off without reflections. */
bool choose_interpolation(const Options *options, const Crystal *crystal, const Table *table)
{
	const int *N = has_quirk(options, QUIRK_MODE_BEFORE_SIZE) ? options->N : crystal->N;
	bool small = N[0] <= 2 || N[1] <= 2 || N[2] <= 2;
	bool on = (options->interpolate < 0 ? small : options->interpolate > 0) && table->n_hkls > 0;
	CONFORM_PUT_INT(interpolate_asked, options->interpolate < 0 ? 2 : options->interpolate);
	CONFORM_PUT_INT(interpolate, on);
	return on;
}

/* structure.11   Fcell = table(h0,k0,l0).   structure.12   outside the box: default_F. */
static double nearest_factor(const Run *run, const int hkl0[3])
{
	const Table *table = &run->table;
	if (table->n_hkls != 0 && in_table(table, hkl0))
		return *entry(table, hkl0[0], hkl0[1], hkl0[2]);
	return run->options->default_F;
}

/* structure.14-16   What a stencil outside the table does is told in interpolation.c. */
double structure_factor(const Run *run, const double hkl[3], const int hkl0[3])
{
	double F_cell;
	if (run->interpolate && interpolated_factor(run, hkl, &F_cell))
		return F_cell;
	return nearest_factor(run, hkl0);
}
