/* The entry point of libFuzzer. FUZZ_KIND says for which kind of file: hkl, dump, matrix, sources or header. */
#include "readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_as(FUZZ_KIND, data, size);
	return 0;
}
