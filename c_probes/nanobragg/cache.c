/* The binary cache of structure factors, written after every text file and read where there is none. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nanobragg.h"

/* The rows of a table: one more element on each axis than its range. */
static size_t element_count(const Table *table)
{
	return (size_t)(table->range[0] + 1) * (size_t)table->stride[0];
}

/* structure.7   Six integers, newline and form feed.   structure.8   Rows of native doubles, h slowest. */
void write_cache(const Table *table, const char *path)
{
	FILE *file = fopen(path, "wb");
	bool failed;
	if (!file)
		refuse("cannot write the cache %s: %s", path, strerror(errno));
	for (int i = 0; i < 3; i++)
		fprintf(file, "%d %d%s", table->first[i], table->first[i] + table->range[i] - 1, i < 2 ? " " : "\n\f");
	fwrite(table->F, sizeof(double), element_count(table), file);
	failed = ferror(file) || fflush(file) != 0;
	if (fclose(file) != 0 || failed)
		refuse("cannot write the cache %s: %s", path, strerror(errno));
}

static void read_extremes(FILE *file, const char *path, Table *table, int last[3])
{
	long long ends[2];
	for (int i = 0; i < 3; i++) {
		if (fscanf(file, "%18lld%18lld", &ends[0], &ends[1]) != 2 || ends[1] < ends[0])
			refuse("the cache %s does not begin with three ranges of indices", path);
		table->first[i] = checked_index(path, (double)ends[0]);
		last[i] = checked_index(path, (double)ends[1]);
	}
}

/* structure.9   The values begin after newline and form feed. The program skips all that looks like a blank there, also
   first bytes of the values (quirk dump_skips_blanks, D21); what is then missing at the end stays 0. */
static void skip_to_values(FILE *file, const Options *options)
{
	int c;
	if (has_quirk(options, QUIRK_DUMP_SKIPS_BLANKS)) {
		while ((c = getc(file)) == ' ' || (c >= '\t' && c <= '\r'))
			;
		ungetc(c, file);
		return;
	}
	while ((c = getc(file)) == ' ' || c == '\n' || c == '\r')
		;
	if (c != '\f')
		refuse("the cache %s has no new line and form feed after its ranges of indices", options->dump);
}

/* No table is allocated for a cache that is too short for it; a shift may have cost it some bytes. */
static void check_length(FILE *file, const Options *options, const Table *table, const int last[3])
{
	long here = ftell(file), end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
	double needed = sizeof(double), lost = has_quirk(options, QUIRK_DUMP_SKIPS_BLANKS) ? 64.0 : 0.0;
	for (int i = 0; i < 3; i++)
		needed *= (double)last[i] - table->first[i] + 2.0;
	if (here < 0 || end < here || fseek(file, here, SEEK_SET) != 0 || (double)(end - here) + lost < needed)
		refuse("the cache %s is shorter than the table that it names", options->dump);
}

bool read_cache(Table *table, const Options *options)
{
	FILE *file = fopen(options->dump, "rb");
	int last[3];
	if (!file)
		return false;
	read_extremes(file, options->dump, table, last);
	skip_to_values(file, options);
	check_length(file, options, table, last);
	make_table(table, options->dump, last);
	if (fread(table->F, 1, element_count(table) * sizeof(double), file) == 0 || ferror(file))
		refuse("cannot read the cache %s: %s", options->dump, strerror(errno));
	fclose(file);
	table->n_hkls = 1;
	for (int i = 0; i < 3; i++)
		table->n_hkls = table->n_hkls * (double)table->range[i] < 2e9 ? table->n_hkls * table->range[i] : 2000000000;
	return true;
}
