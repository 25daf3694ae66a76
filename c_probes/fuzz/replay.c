/* replay KIND FILE...   Each file through the reader of its kind, without libFuzzer: prints how many readings were not refused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "readers.h"

enum { LARGEST = 1 << 20 };

static int replay(const char *kind, const char *path)
{
	static uint8_t data[LARGEST];
	FILE *file = fopen(path, "rb");
	size_t size;
	int done;
	if (!file) {
		fprintf(stderr, "replay: cannot read %s: %s\n", path, strerror(errno));
		return EXIT_FAILURE;
	}
	size = fread(data, 1, sizeof data, file);
	fclose(file);
	done = read_as(kind, data, size);
	if (done < 0)
		fprintf(stderr, "replay: no reader for `%s`: hkl, dump, matrix, sources or header\n", kind);
	else
		printf("%s: %d\n", path, done);
	return done < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	int status = argc < 3 ? EXIT_FAILURE : EXIT_SUCCESS;
	if (argc < 3)
		fprintf(stderr, "usage: replay hkl|dump|matrix|sources|header FILE...\n");
	for (int i = 2; i < argc && status == EXIT_SUCCESS; i++)
		status = replay(argv[1], argv[i]);
	return status;
}
