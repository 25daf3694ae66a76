/* The source file: X Y Z weight wavelength on a line, and what stands for a column that is missing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nanobragg.h"

enum { COLUMNS = 5, LONGEST_LINE = 1 << 16, MOST_SOURCES = 10000000 };
static const char delimiters[] = " \t,;:!";

/* The numbers found. As the original reads: a column is missing only where the line ends in a newline and nothing else. What is no number
   counts as 0, and so does all that follows it (quirk source_line_ends, D23). */
static int read_as_program(const char *line, double column[COLUMNS])
{
	int found = 0;
	for (int i = 0; i < COLUMNS; i++) {
		char *end;
		line += strspn(line, delimiters);
		if (strcmp(line, "\n") == 0)
			break;
		column[i] = strtod(line, &end);
		found += end != line;
		line = end;
	}
	return found;
}

/* beam.1   Numbers up to the end of the line or a `#`; whatever ends the line, a missing column keeps its default. */
static int read_as_spec(const char *line, const char *path, int number, double column[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++) {
		char *end;
		line += strspn(line, " \t,;:!\r\n");
		if (*line == '\0' || *line == '#')
			return i;
		column[i] = strtod(line, &end);
		if (end == line)
			refuse("%s: line %d: expected a number, found `%.20s`", path, number, line);
		line = end;
	}
	return COLUMNS;
}

static bool is_empty(const char *line, bool as_program)
{
	line += strspn(line, as_program ? delimiters : " \t,;:!\r\n");
	return as_program ? strcmp(line, "\n") == 0 : *line == '\0' || *line == '#';
}

/* beam.3   Positions become unit vectors. beam.4   The weight is read and counts for nothing. */
static void add_source(Beam *beam, const double column[COLUMNS], int columns)
{
	Source *source = &beam->sources[beam->n_sources++];
	copy(column, source->position);
	unit(column, source->direction);
	source->weight = column[3];
	source->wavelength = column[4];
	source->columns = columns;
}

static void make_room(Beam *beam, const char *path, int *room)
{
	if (beam->n_sources < *room)
		return;
	*room = *room ? 2 * *room : 16;
	if (*room > MOST_SOURCES)
		refuse("%s names more sources than this program can hold", path);
	beam->sources = realloc(beam->sources, (size_t)*room * sizeof(Source));
	if (!beam->sources)
		refuse("no memory for %d sources", *room);
}

/* beam.2   Defaults: position -10*beam, weight 1, the central wavelength. */
void read_sources(Beam *beam, const Options *options, const Detector *detector)
{
	bool as_program = has_quirk(options, QUIRK_SOURCE_LINE_ENDS);
	char *line = allocate(LONGEST_LINE, 1);
	FILE *file = fopen(options->sourcefile, "r");
	int room = 0;
	if (!file)
		refuse("cannot read the sources %s: %s", options->sourcefile, strerror(errno));
	for (int number = 1; read_line(file, "sources", options->sourcefile, number, line, LONGEST_LINE); number++) {
		double column[COLUMNS] = { 0, 0, 0, 1.0, options->lambda0 };
		int columns;
		scale(detector->beam, -10.0, column);
		if (is_empty(line, as_program))
			continue;
		if (as_program)
			columns = read_as_program(line, column);
		else
			columns = read_as_spec(line, options->sourcefile, number, column);
		make_room(beam, options->sourcefile, &room);
		add_source(beam, column, columns);
	}
	if (beam->n_sources == 0)
		refuse("%s names no source", options->sourcefile);
	free(line);
	fclose(file);
}
