/* What the list of reflections said, line after line, and which entry each line filled: for the trace alone.

   The table forgets both. Without probes nothing is kept. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "nanobragg.h"
#include "quantities.h"

#ifdef CONFORM_PROBES

static struct { double *index, *F, *listed; int count, room; } list;

static double *widened(double *values, size_t count)
{
	values = realloc(values, count * sizeof *values);
	if (!values)
		refuse("no memory for %zu reflections", count);
	return values;
}

/* Not as many as the first pass counted: read as whole numbers, indices with fractions make more groups of four. */
static void make_room(const Table *table)
{
	size_t elements = (size_t)(table->range[0] + 1) * (size_t)table->stride[0];
	list.room = list.room > INT_MAX / 2 ? INT_MAX : 2 * list.room + 1024;
	list.index = widened(list.index, 3 * (size_t)list.room);
	list.F = widened(list.F, (size_t)list.room);
	if (!list.listed)
		list.listed = allocate(elements, sizeof(double));
}

/* structure.17   Reflection number `count`, from 1, fills the entry that its indices name. */
void note_reflection(const Table *table, const int hkl[3], double F)
{
	if (list.count == list.room)
		make_room(table);
	for (int i = 0; i < 3; i++)
		list.index[3 * list.count + i] = hkl[i];
	list.F[list.count++] = F;
	list.listed[(hkl[0] - table->first[0]) * table->stride[0] + (hkl[1] - table->first[1]) * table->stride[1] +
	            (hkl[2] - table->first[2])] = list.count;
}

void trace_reflections(const Table *table)
{
	CONFORM_PUT_INT(reflections, table->n_hkls);
	for (int i = 0; i < 3 && table->n_hkls; i++) {
		CONFORM_PUT_INT_AT(table_first, i, table->first[i]);
		CONFORM_PUT_INT_AT(table_last, i, table->first[i] + table->range[i] - 1);
	}
	if (!list.room)
		return;
	CONFORM_GRID(reflection, 1, list.count);
	CONFORM_PUT_TABLE(reflection_index, list.index, 3, 1, 1);
	CONFORM_PUT_TABLE(reflection_F, list.F, 1, 1, 1);
	CONFORM_PUT_TABLE(listed, list.listed, table->stride[0], table->stride[1], 1);
	free(list.index), free(list.F), free(list.listed);
	memset(&list, 0, sizeof list);
}

#else

void note_reflection(const Table *table, const int hkl[3], double F) { (void)table, (void)hkl, (void)F; }
void trace_reflections(const Table *table) { (void)table; }

#endif
