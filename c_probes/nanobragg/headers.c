/* Headers of SMV images, which set what flags may set again; and the mask. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nanobragg.h"

static const char start[] = "{\nHEADER_BYT";         /* what an image must begin with */
enum { FIRST_READ = 512, LONGEST_HEADER = 1 << 20 };

/* Of an image file: what it says, and how its keys are to be found. */
typedef struct { const char *path, *text; bool anywhere; } Header;

static bool in_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* The whole key, and what follows it is `=`. */
static bool is_key(const Header *header, const char *at, const char *key)
{
	const char *after = at + strlen(key);
	after += strspn(after, " \t");
	return (at == header->text || !in_word(at[-1])) && *after == '=';
}

/* cli.23   The number after the `=` of the last such key; in the program the last place where the key stands, also inside
   another key: DISTANCE finds CLOSE_DISTANCE, ORGX finds XDS_ORGX (quirk header_keys, D19). */
static bool find_number(const Header *header, const char *key, double *out)
{
	const char *found = NULL, *equals;
	for (const char *at = header->text; (at = strstr(at, key)) != NULL; at++)
		if (header->anywhere || is_key(header, at, key))
			found = at;
	equals = found ? strchr(found, '=') : NULL;
	if (equals)
		*out = strtod(equals + 1, NULL);
	return equals != NULL;
}

static void find_scaled(const Header *header, const char *key, double unit, double *out)
{
	double value;
	if (find_number(header, key, &value))
		*out = value / unit;
}

/* A header of that length from the start of the file, with a zero at its end. */
static char *read_bytes(FILE *file, const char *path, size_t length)
{
	char *header = allocate(length + 1, 1);
	rewind(file);
	if (fread(header, 1, length, file) != length)
		refuse("%s ends inside its header of %zu bytes", path, length);
	return header;
}

static char *read_header(FILE *file, const char *path, size_t *length)
{
	char first[FIRST_READ + 1] = "";
	double said = 0.0;
	size_t got = fread(first, 1, FIRST_READ, file);
	if (ferror(file))
		refuse("cannot read the image %s: %s", path, strerror(errno));
	if (got < sizeof start - 1 || memcmp(first, start, sizeof start - 1) != 0)
		refuse("%s is no SMV image: it does not begin with a brace and HEADER_BYTES", path);
	find_number(&(Header){ path, first, true }, "HEADER_BYTES", &said);
	if (!(said >= sizeof start && said <= LONGEST_HEADER))
		refuse("%s claims a header of %g bytes", path, said);
	*length = (size_t)said;
	return read_bytes(file, path, *length);
}

static int pixel_count(const Header *header, const char *key)
{
	double count = 0.0;
	find_number(header, key, &count);
	if (!(count >= 0.0 && count <= 1e6))
		refuse("%s claims %s=%g", header->path, key, count);
	return (int)count;
}

/* cli.23   SIZE1 and SIZE2, or DETECTOR_DIMENSIONS for both; the sides follow from the pixel size. */
static void take_sizes(Options *options, const Header *header)
{
	options->pixels[FAST] = pixel_count(header, "SIZE1");
	options->pixels[SLOW] = pixel_count(header, "SIZE2");
	if (options->pixels[FAST] == 0)
		options->pixels[FAST] = options->pixels[SLOW] = pixel_count(header, "DETECTOR_DIMENSIONS");
	find_scaled(header, "PIXEL_SIZE", 1000.0, &options->pixel);
	for (int i = 0; i < 2; i++)
		options->side[i] = options->pixel * options->pixels[i];
}

/* cli.23   What else a header sets; in the program TWOTHETA has no effect (quirk header_keys, D19).
   cli.25   In a mask Y counts from the other side. */
static void take_values(Options *options, const Header *header, bool is_mask)
{
	double Y_mm;
	find_scaled(header, "DISTANCE", 1000.0, &options->distance);
	find_scaled(header, "CLOSE_DISTANCE", 1000.0, &options->close_distance);
	find_scaled(header, "WAVELENGTH", 1e10, &options->lambda0);
	find_scaled(header, "BEAM_CENTER_X", 1000.0, &options->Xbeam);
	if (find_number(header, "BEAM_CENTER_Y", &Y_mm))
		options->Ybeam = is_mask ? options->side[SLOW] - Y_mm / 1000.0 : Y_mm / 1000.0;
	find_scaled(header, "ORGX", 1.0, &options->ORGX);
	find_scaled(header, "ORGY", 1.0, &options->ORGY);
	find_scaled(header, "PHI", RTD, &options->phi0);
	find_scaled(header, "OSC_RANGE", RTD, &options->phi.range);
	if (!header->anywhere)
		find_scaled(header, "TWOTHETA", RTD, &options->twotheta);
}

/* cli.26   Two bytes a pixel, in the order of this machine. The file must hold as many as it claims. */
static void read_mask(Options *options, FILE *file, const char *path, size_t header)
{
	size_t count = (size_t)options->pixels[FAST] * (size_t)options->pixels[SLOW];
	long end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
	if (end < 0 || (size_t)end < header || ((size_t)end - header) / sizeof(uint16_t) < count)
		refuse("%s is shorter than its %d x %d pixels", path, options->pixels[FAST], options->pixels[SLOW]);
	free(options->mask);
	options->mask = allocate(count, sizeof(uint16_t));
	options->mask_pixels = count;
	if (fseek(file, (long)header, SEEK_SET) != 0 || fread(options->mask, sizeof(uint16_t), count, file) != count)
		refuse("cannot read the mask %s: %s", path, strerror(errno));
}

void take_image_header(Options *options, const char *path, bool is_mask)
{
	FILE *file = fopen(path, "rb");
	Header header = { path, NULL, has_quirk(options, QUIRK_HEADER_KEYS) };
	size_t length;
	char *text;
	if (!file)
		refuse("cannot read the image %s: %s", path, strerror(errno));
	header.text = text = read_header(file, path, &length);
	take_sizes(options, &header);
	take_values(options, &header, is_mask);
	if (is_mask)
		read_mask(options, file, path, length);
	free(text);
	fclose(file);
}
