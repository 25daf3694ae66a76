/* The readers of the C reference program, fed with bytes from memory: what a fuzzer calls, and what replays its corpus.

   The program's own files are compiled with fopen, fclose, realloc and free renamed to those below, and without main.c:
   a file is then the input, a refusal comes back here, and what a refused run leaves open is put away. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../nanobragg/nanobragg.h"
#include "readers.h"

enum { MOST_BLOCKS = 64, MOST_FILES = 16, LARGEST_BLOCK = 1 << 24 };
static const char input_name[] = "the-input";

/* A fuzzer has one thread, and its entry point takes no context. */
static struct {
	const uint8_t *data;
	size_t size;
	void *blocks[MOST_BLOCKS];
	FILE *files[MOST_FILES];
	jmp_buf refused;
} now;

/* Where a block or a file is noted; NULL: an empty place. */
static void **place_of(void **places, int count, void *what)
{
	for (int i = 0; i < count; i++)
		if (places[i] == what)
			return &places[i];
	fprintf(stderr, "fuzz: more than %d blocks or files at a time, or one that is not known\n", count);
	abort();
}

static void **block_place(void *block) { return place_of(now.blocks, MOST_BLOCKS, block); }
static void **file_place(FILE *file) { return place_of((void **)now.files, MOST_FILES, file); }

void refuse(const char *format, ...)
{
	va_list arguments;
	char text[512];
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);       /* the arguments of a message are part of what is tested */
	va_end(arguments);
	longjmp(now.refused, 1);
}

/* Blocks that would only slow the fuzzer down are not to be had: the program has to bear that too. */
void *allocate(size_t count, size_t size)
{
	void *block = count < LARGEST_BLOCK && count * size <= LARGEST_BLOCK ? calloc(count ? count : 1, size) : NULL;
	if (!block)
		refuse("no memory for %zu elements of %zu bytes", count, size);
	return *block_place(NULL) = block;
}

void *fuzz_realloc(void *block, size_t size)
{
	void **place = block_place(block), *moved = size <= LARGEST_BLOCK ? realloc(block, size) : NULL;
	if (moved)
		*place = moved;
	return moved;
}

void fuzz_free(void *block)
{
	if (block)
		*block_place(block) = NULL;
	free(block);
}

/* The input, from its beginning; whatever is written is lost; nothing else exists. */
FILE *fuzz_fopen(const char *path, const char *mode)
{
	FILE *file = NULL;
	if (mode[0] == 'w')
		file = fopen("/dev/null", mode);
	else if (strcmp(path, input_name) == 0 && now.size > 0)
		file = fmemopen((void *)now.data, now.size, mode);
	if (file)
		*file_place(NULL) = file;
	return file;
}

int fuzz_fclose(FILE *file)
{
	*file_place(file) = NULL;
	return fclose(file);
}

static void put_away(void)
{
	for (int i = 0; i < MOST_FILES; i++)
		if (now.files[i])
			fuzz_fclose(now.files[i]);
	for (int i = 0; i < MOST_BLOCKS; i++)
		fuzz_free(now.blocks[i]);
}

/* ---- one function for each kind of file: as the program does it, up to where the file has been used ---- */

static Options options_of(const char *quirks, const char *flag)
{
	char *words[] = { "fuzz", "-quirks", (char *)quirks, "-detpixels", "8", "-dump", "none", "-default_F", "1", "-cell", "50",
	                  "60", "70", "80", "85", "95", (char *)flag, (char *)input_name };
	return parse_command_line((int)(sizeof words / sizeof words[0]), words);
}

static void try_amplitudes(const char *quirks, const char *flag)
{
	Options options = options_of(quirks, flag);
	Table table = { 0 };
	load_structure_factors(&table, &options);
	if (table.n_hkls > 0)
		table_value(&table, table.first[0] + table.range[0] - 1, table.first[1], table.first[2]);
	fuzz_free(table.F);
}

static void try_matrix(const char *quirks, const char *flag)
{
	Options options = options_of(quirks, flag);
	Crystal crystal = { 0 };
	Random random = { 0 };
	const double sample[3] = { 1e-6, 0, 2e-6 };
	build_crystal(&crystal, &options, &random);
	size_crystal(&crystal, &options, sample);
}

static void try_sources(const char *quirks, const char *flag)
{
	Options options = options_of(quirks, flag);
	Detector detector = { .beam = { 1, 0, 0 } };
	Beam beam = { 0 };
	read_sources(&beam, &options, &detector);
	fuzz_free(beam.sources);
}

static void try_header(const char *quirks, const char *flag)
{
	Options options = options_of(quirks, flag);
	Detector detector = { 0 };
	place_detector(&detector, &options);
	fuzz_free(options.mask);
}

static const struct {
	const char *kind, *flag;
	void (*try)(const char *quirks, const char *flag);
} readers[] = {
	{ "hkl", "-hkl", try_amplitudes }, { "dump", "-dump", try_amplitudes }, { "matrix", "-mat", try_matrix },
	{ "sources", "-sourcefile", try_sources }, { "header", "-img", try_header }, { "header", "-mask", try_header },
};

/* Both as the program reads and as the spec says. Returns how many of the runs were not refused; -1: no such kind. */
int read_as(const char *kind, const uint8_t *data, size_t size)
{
	volatile int known = 0, done = 0;
	now.data = data;
	now.size = size;
	for (volatile size_t i = 0; i < 2 * sizeof readers / sizeof readers[0]; i++) {
		if (strcmp(readers[i / 2].kind, kind) != 0)
			continue;
		known = 1;
		if (setjmp(now.refused) == 0) {
			readers[i / 2].try(i % 2 ? "none" : "all", readers[i / 2].flag);
			done++;
		}
		put_away();
	}
	return known ? done : -1;
}
