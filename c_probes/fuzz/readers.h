/* What a fuzzer and the replay of its corpus call. */
#ifndef READERS_H
#define READERS_H

#include <stdint.h>
#include <stdio.h>

int read_as(const char *kind, const uint8_t *data, size_t size);

/* What the program's files are compiled with in place of the library's. */
FILE *fuzz_fopen(const char *path, const char *mode);
int fuzz_fclose(FILE *file);
void *fuzz_realloc(void *block, size_t size);
void fuzz_free(void *block);

#endif
