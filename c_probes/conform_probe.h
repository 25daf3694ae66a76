/* conform_probe.h: hand a C program's values to conform, placed by loop index.

   Without -DCONFORM_PROBES every macro below is ((void)0): the object code is that of a program without probes.
   With it, each macro is a call and nothing else; no name is declared where it is used, so an OpenMP region with
   default(none) still compiles. Values go to the element that the thread's loop indices name, never to "the next
   one", so threads cannot disorder them.

   A program describes its trace in one header of its own and includes this file at the end of it:

       #define CONFORM_AXES(AXIS)       AXIS(layer) AXIS(xyz)                     // `pixel` is always there, do not list it
       #define CONFORM_QUANTITIES(Q)    Q(pix0,  "m",  F64, "xyz")                // name, unit, F64 F32 or I64, axes
                                        Q(omega, "sr", F64, "pixel layer")        // (backslashes at the line ends)
       #include "conform_probe.h"

   Exactly one file defines CONFORM_IMPLEMENTATION before it includes that header. Then, in this order:

       CONFORM_OPEN("program", "0.1");            once, at the start; reads CONFORM_TRACE
       CONFORM_PRINT("TRACE_C: ", slow, fast);    if wanted: the values of that pixel, and those of no pixel, also as text
       CONFORM_AXIS(layer, n);                    a loop axis and its size, as soon as it is known
       CONFORM_COMPONENTS(xyz, "x y z");          a component axis and its labels
       CONFORM_GRID(h, first, n);                 a grid axis and the index of its first element
       CONFORM_FRAME(slow_size, fast_size);       the detector; reads CONFORM_PIXELS
       CONFORM_PUT(flux, value);                  values without a pixel axis may be put from here on
       CONFORM_BEGIN();                           before the parallel loop: allocates everything
       CONFORM_PIXEL(slow, fast);                 in the loop: arms this thread if the pixel is traced, else disarms it
       CONFORM_EITHER(walk, walk_bare)(...);      if wanted: the first where the pixel is traced, else the second (*)
       CONFORM_AT(layer, i);                      this thread's index on a loop axis
       CONFORM_PUT(omega, value);                 ...
       CONFORM_RUN_LEVEL();                       after the loop, if run-level values are still to come
       CONFORM_END();                             writes the .npy files, and trace.json last

   (*) A probe that is silent still costs a test, and what it would read has to be kept. A program whose inner loops count
   instructions compiles them twice: once more in a file that undefines CONFORM_PROBES before it includes them.

   An argument is evaluated only where the pixel is traced: it must have no side effects.

   The environment chooses: CONFORM_TRACE a folder (none: nothing is traced), CONFORM_PIXELS a list of pixels (none: every
   pixel), CONFORM_LEVEL=pixel the values of whole pixels alone, without those inside their loops. */
#ifndef CONFORM_PROBE_H
#define CONFORM_PROBE_H

#ifndef CONFORM_PROBES

#define CONFORM_OPEN(program, version) ((void)0)
#define CONFORM_PRINT(prefix, slow, fast) ((void)0)
#define CONFORM_QUIRK(name) ((void)0)
#define CONFORM_AXIS(axis, size) ((void)0)
#define CONFORM_COMPONENTS(axis, labels) ((void)0)
#define CONFORM_GRID(axis, first, size) ((void)0)
#define CONFORM_WORDS(name, words) ((void)0)
#define CONFORM_FRAME(slow_size, fast_size) ((void)0)
#define CONFORM_BEGIN() ((void)0)
#define CONFORM_PIXEL(slow, fast) ((void)0)
#define CONFORM_EITHER(traced, bare) (traced)
#define CONFORM_RUN_LEVEL() ((void)0)
#define CONFORM_AT(axis, index) ((void)0)
#define CONFORM_PUT(name, value) ((void)0)
#define CONFORM_PUT_AT(name, component, value) ((void)0)
#define CONFORM_PUT3(name, v0, v1, v2) ((void)0)
#define CONFORM_PUT_ARRAY(name, pointer) ((void)0)
#define CONFORM_PUT_INT(name, value) ((void)0)
#define CONFORM_PUT_INT_AT(name, component, value) ((void)0)
#define CONFORM_PUT_INT3(name, v0, v1, v2) ((void)0)
#define CONFORM_PUT_TABLE(name, pointer, stride0, stride1, stride2) ((void)0)
#define CONFORM_END() ((void)0)

#else /* CONFORM_PROBES */

#include <stddef.h>
#include <stdint.h>

#if !defined(CONFORM_AXES) || !defined(CONFORM_QUANTITIES)
#error "define CONFORM_AXES and CONFORM_QUANTITIES before conform_probe.h is included (see its first lines)"
#endif

#ifdef __cplusplus
extern "C" {
#define CONFORM_THREAD_LOCAL thread_local
#elif defined(__GNUC__)
#define CONFORM_THREAD_LOCAL __thread      /* as good, and known to every dialect of C that these compilers have */
#else
#define CONFORM_THREAD_LOCAL _Thread_local
#endif

/* Names become constants here: a misspelt quantity or axis does not compile. */
#define CONFORM_AXIS_ENUM(axis) CONFORM_A_##axis,
#define CONFORM_QUANTITY_ENUM(name, unit, type, axes) CONFORM_Q_##name,
enum conform_axis { CONFORM_A_pixel, CONFORM_AXES(CONFORM_AXIS_ENUM) CONFORM_N_AXES };
enum conform_quantity { CONFORM_QUANTITIES(CONFORM_QUANTITY_ENUM) CONFORM_N_QUANTITIES };

/* What a thread's probes do, as a sum; 0: they are silent. A quantity with more axes than the pixel's looks at two of the
   three, known when it is compiled: where only values of whole pixels are wanted, inner loops cost what they cost untraced. */
enum { CONFORM_STORES = 1, CONFORM_PRINTS = 2, CONFORM_STORES_PIXEL = 4 };
#define CONFORM_QUANTITY_WHEN(name, unit, type, axes) \
	CONFORM_WHEN_##name = CONFORM_STORES | CONFORM_PRINTS | (sizeof(axes) > sizeof("pixel") ? 0 : CONFORM_STORES_PIXEL),
enum {
	CONFORM_QUANTITIES(CONFORM_QUANTITY_WHEN)
	CONFORM_WHEN_INSIDE = CONFORM_STORES | CONFORM_PRINTS,
	CONFORM_WHEN_ANY = CONFORM_WHEN_INSIDE | CONFORM_STORES_PIXEL
};

/* Traced pixels are few: what happens there is kept out of the way of all others. */
#ifdef __GNUC__
#define CONFORM_COLD __attribute__((cold))
#define CONFORM_SELDOM(condition) __builtin_expect((condition) != 0, 0)
#else
#define CONFORM_COLD
#define CONFORM_SELDOM(condition) (condition)
#endif

/* Where a thread is. Only `armed` is looked at when the pixel is not traced. */
struct conform_place {
	int armed;                        /* what the probes of this thread do */
	int64_t at[CONFORM_N_AXES];       /* index on each loop axis, -1: not in that loop */
};
extern CONFORM_THREAD_LOCAL struct conform_place conform_here;
extern int conform_tracing;           /* written once, by CONFORM_OPEN */

void conform_open(const char *program, const char *version);
void conform_print(const char *prefix, int64_t slow, int64_t fast);
void conform_quirk(const char *name);
void conform_axis(int axis, int64_t first, int64_t size, const char *labels, int is_loop);
void conform_words(int quantity, const char *words);
void conform_frame(int64_t slow_size, int64_t fast_size);
void conform_begin(void);
void conform_pixel(int64_t slow, int64_t fast);
void conform_run_level(void);
CONFORM_COLD void conform_at(int axis, int64_t index);
CONFORM_COLD void conform_put(int quantity, int64_t component, double value, const char *site);
CONFORM_COLD void conform_put_int(int quantity, int64_t component, int64_t value, const char *site);
CONFORM_COLD void conform_put_some(int quantity, int64_t count, const double *values, const char *site);
CONFORM_COLD void conform_put3(int quantity, double v0, double v1, double v2, const char *site);
CONFORM_COLD void conform_put_int3(int quantity, int64_t v0, int64_t v1, int64_t v2, const char *site);
CONFORM_COLD void conform_put_array(int quantity, const double *values, const char *site);
CONFORM_COLD void conform_put_table(int quantity, const double *values, int64_t s0, int64_t s1, int64_t s2, const char *site);
void conform_end(void);

#if defined(__GNUC__) && !defined(__cplusplus)
#define CONFORM_INLINE static __inline__   /* C90 has no `inline` */
#else
#define CONFORM_INLINE static inline
#endif

/* Functions and not bare variables, so that default(none) has no name to ask about. */
CONFORM_INLINE int conform_is_armed(int when) { return conform_here.armed & when; }
CONFORM_INLINE int conform_is_tracing(void) { return conform_tracing; }

#define CONFORM_TEXT_OF(line) #line
#define CONFORM_TEXT(line) CONFORM_TEXT_OF(line)
#define CONFORM_SITE __FILE__ ":" CONFORM_TEXT(__LINE__)
#define CONFORM_IF_TRACING(call) (CONFORM_SELDOM(conform_is_tracing()) ? (call) : (void)0)
#define CONFORM_IF_ARMED(when, call) (CONFORM_SELDOM(conform_is_armed(when)) ? (call) : (void)0)

#define CONFORM_OPEN(program, version) conform_open(program, version)
#define CONFORM_PRINT(prefix, slow, fast) conform_print(prefix, (int64_t)(slow), (int64_t)(fast))
#define CONFORM_QUIRK(name) CONFORM_IF_TRACING(conform_quirk(name))
#define CONFORM_AXIS(axis, size) CONFORM_IF_TRACING(conform_axis(CONFORM_A_##axis, 0, (int64_t)(size), NULL, 1))
#define CONFORM_COMPONENTS(axis, labels) CONFORM_IF_TRACING(conform_axis(CONFORM_A_##axis, 0, -1, labels, 0))
#define CONFORM_GRID(axis, first, size) \
	CONFORM_IF_TRACING(conform_axis(CONFORM_A_##axis, (int64_t)(first), (int64_t)(size), NULL, 0))
#define CONFORM_WORDS(name, words) CONFORM_IF_TRACING(conform_words(CONFORM_Q_##name, words))
#define CONFORM_FRAME(slow_size, fast_size) CONFORM_IF_TRACING(conform_frame((int64_t)(slow_size), (int64_t)(fast_size)))
#define CONFORM_BEGIN() CONFORM_IF_TRACING(conform_begin())
#define CONFORM_PIXEL(slow, fast) CONFORM_IF_TRACING(conform_pixel((int64_t)(slow), (int64_t)(fast)))
#define CONFORM_EITHER(traced, bare) (CONFORM_SELDOM(conform_is_armed(CONFORM_WHEN_ANY)) ? (traced) : (bare))
#define CONFORM_RUN_LEVEL() CONFORM_IF_TRACING(conform_run_level())
#define CONFORM_AT(axis, index) CONFORM_IF_ARMED(CONFORM_WHEN_INSIDE, conform_at(CONFORM_A_##axis, (int64_t)(index)))
#define CONFORM_PUT(name, value) CONFORM_IF_ARMED(CONFORM_WHEN_##name, conform_put(CONFORM_Q_##name, 0, value, CONFORM_SITE))
#define CONFORM_PUT_AT(name, component, value) \
	CONFORM_IF_ARMED(CONFORM_WHEN_##name, conform_put(CONFORM_Q_##name, (int64_t)(component), value, CONFORM_SITE))
#define CONFORM_PUT3(name, v0, v1, v2) CONFORM_IF_ARMED(CONFORM_WHEN_##name, conform_put3(CONFORM_Q_##name, v0, v1, v2, CONFORM_SITE))
#define CONFORM_PUT_ARRAY(name, pointer) CONFORM_IF_ARMED(CONFORM_WHEN_##name, conform_put_array(CONFORM_Q_##name, pointer, CONFORM_SITE))
#define CONFORM_PUT_INT(name, value) \
	CONFORM_IF_ARMED(CONFORM_WHEN_##name, conform_put_int(CONFORM_Q_##name, 0, (int64_t)(value), CONFORM_SITE))
#define CONFORM_PUT_INT_AT(name, component, value) \
	CONFORM_IF_ARMED(CONFORM_WHEN_##name, conform_put_int(CONFORM_Q_##name, (int64_t)(component), (int64_t)(value), CONFORM_SITE))
#define CONFORM_PUT_INT3(name, v0, v1, v2) \
	CONFORM_IF_ARMED(CONFORM_WHEN_##name, conform_put_int3(CONFORM_Q_##name, (int64_t)(v0), (int64_t)(v1), (int64_t)(v2), CONFORM_SITE))
#define CONFORM_PUT_TABLE(name, pointer, stride0, stride1, stride2) \
	CONFORM_IF_ARMED(CONFORM_WHEN_##name, conform_put_table(CONFORM_Q_##name, pointer, (int64_t)(stride0), (int64_t)(stride1), \
	                                   (int64_t)(stride2), CONFORM_SITE))
#define CONFORM_END() CONFORM_IF_TRACING(conform_end())

#ifdef CONFORM_IMPLEMENTATION

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#ifndef CONFORM_FLAGS
#define CONFORM_FLAGS ""              /* the compiler's flags, as the build gives them with -DCONFORM_FLAGS='"..."' */
#endif
#ifndef CONFORM_MEMINFO
#define CONFORM_MEMINFO "/proc/meminfo"
#endif
#ifndef CONFORM_CGROUP
#define CONFORM_CGROUP "/proc/self/cgroup"
#endif
#ifndef CONFORM_CGROUPS
#define CONFORM_CGROUPS "/sys/fs/cgroup"
#endif
#if defined(__clang__)
#define CONFORM_COMPILER __VERSION__
#elif defined(__GNUC__)
#define CONFORM_COMPILER "gcc " __VERSION__
#else
#define CONFORM_COMPILER "unknown"
#endif

enum { CONFORM_F64, CONFORM_F32, CONFORM_I64, CONFORM_MAX_RANK = 10, CONFORM_MAX_QUIRKS = 64, CONFORM_EXIT = 9 };

struct conform_axis_state {
	const char *name, *labels;        /* labels: words separated by blanks, or NULL */
	int64_t first, size;              /* size -1: not declared yet */
	int is_loop, is_grid;
};

struct conform_quantity_state {
	const char *name, *unit, *axes_text, *words, *site;
	int type, rank, axis[CONFORM_MAX_RANK], per_pixel, has_unset;    /* per_pixel: of the pixel axis and no other */
	int64_t stride[CONFORM_MAX_RANK], count, inner;   /* inner: elements on the trailing component and grid axes */
	unsigned char *values, *unset;
};

#define CONFORM_AXIS_ROW(axis) { #axis, NULL, 0, -1, 0, 0 },
#define CONFORM_QUANTITY_ROW(name, unit, type, axes) \
	{ #name, unit, axes, NULL, NULL, CONFORM_##type, 0, { 0 }, 0, 0, { 0 }, 0, 0, NULL, NULL },

CONFORM_THREAD_LOCAL struct conform_place conform_here;
int conform_tracing;
static struct conform_axis_state conform_axes[] = { { "pixel", NULL, 0, -1, 0, 0 }, CONFORM_AXES(CONFORM_AXIS_ROW) };
static struct conform_quantity_state conform_quantities[] = { CONFORM_QUANTITIES(CONFORM_QUANTITY_ROW) };
static struct {
	const char *folder, *program, *version, *prefix, *quirks[CONFORM_MAX_QUIRKS];   /* folder, prefix: NULL if not asked for */
	int n_quirks, pixel_level;        /* pixel_level: of values inside a pixel's loops none is stored */
	int every_pixel;                  /* no list: the place of a pixel is its place in the frame */
	int64_t print_slow, print_fast;
	int64_t slow_size, fast_size, n_pixels;
	int64_t *slow, *fast, *row_start; /* the traced pixels; those of row s are row_start[s] .. row_start[s + 1] - 1 */
} conform_run;

#ifdef __GNUC__
__attribute__((noreturn, format(printf, 1, 2)))
#endif
static void conform_fail(const char *format, ...)
{
	va_list arguments;
	fputs("conform: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(CONFORM_EXIT);
}

static void *conform_allocate(int64_t count, size_t size)
{
	void *memory = count < 0 || (uint64_t)count > SIZE_MAX / size - 1 ? NULL : calloc((size_t)count + 1, size);
	if (!memory)
		conform_fail("no memory for %lld elements of %zu bytes", (long long)count, size);
	return memory;
}

/* The name of a file of the trace; the caller frees it. */
static char *conform_path(const char *name, const char *suffix)
{
	size_t length = strlen(conform_run.folder) + strlen(name) + strlen(suffix) + 2;
	char *path = (char *)conform_allocate((int64_t)length, 1);
	snprintf(path, length, "%s/%s%s", conform_run.folder, name, suffix);
	return path;
}

static FILE *conform_create(const char *path)
{
	FILE *file = fopen(path, "wb");
	if (!file)
		conform_fail("cannot write %s: %s", path, strerror(errno));
	return file;
}

/* A full disk often shows only when the buffer is flushed, so the result of closing counts. */
static void conform_close(FILE *file, const char *path)
{
	int failed = ferror(file) || fflush(file) != 0;
	if (fclose(file) != 0 || failed)
		conform_fail("cannot write %s: %s", path, strerror(errno));
}

static void conform_put_nowhere(void)
{
	for (int axis = 0; axis < CONFORM_N_AXES; axis++)
		conform_here.at[axis] = -1;
}

void conform_run_level(void)
{
	conform_put_nowhere();
	conform_here.armed = (conform_run.folder ? CONFORM_STORES : 0) | (conform_run.prefix ? CONFORM_PRINTS : 0);
}

/* After conform_open: text on standard output, a line for each value that is put, with a folder or without. */
void conform_print(const char *prefix, int64_t slow, int64_t fast)
{
	conform_run.prefix = prefix;
	conform_run.print_slow = slow;
	conform_run.print_fast = fast;
	conform_tracing = 1;
	conform_run_level();
}

/* CONFORM_LEVEL: `pixel`, or nothing. */
static int conform_wants_pixel_level(const char *level)
{
	if (level && *level && strcmp(level, "pixel") != 0)
		conform_fail("CONFORM_LEVEL=%s: it may be `pixel`, for the values of whole pixels alone, or empty", level);
	return level && *level;
}

/* The folder is tried at once: a run of hours must not end with "permission denied". */
void conform_open(const char *program, const char *version)
{
	const char *folder = getenv("CONFORM_TRACE");
	if (!folder || !*folder)
		return;
	conform_run.folder = folder;
	conform_run.program = program;
	conform_run.version = version;
	conform_run.pixel_level = conform_wants_pixel_level(getenv("CONFORM_LEVEL"));
	char *path = conform_path("trace.json", "");
	FILE *old = fopen(path, "rb");
	if (old)
		conform_fail("%s holds a trace already", folder);
	fclose(conform_create(path));
	remove(path);
	free(path);
	conform_tracing = 1;
	conform_run_level();
}

void conform_quirk(const char *name)
{
	if (conform_run.n_quirks == CONFORM_MAX_QUIRKS)
		conform_fail("more than %d quirks", CONFORM_MAX_QUIRKS);
	conform_run.quirks[conform_run.n_quirks++] = name;
}

static int64_t conform_count_words(const char *text)
{
	int64_t count = 0;
	for (const char *p = text; *p; p++)
		count += *p != ' ' && (p == text || p[-1] == ' ');
	return count;
}

void conform_axis(int axis, int64_t first, int64_t size, const char *labels, int is_loop)
{
	struct conform_axis_state *state = &conform_axes[axis];
	state->size = labels ? conform_count_words(labels) : size;
	state->first = first;
	state->labels = labels;
	state->is_loop = is_loop;
	state->is_grid = !is_loop && !labels;
	if (state->size < 0)
		conform_fail("axis %s has the size %lld", state->name, (long long)state->size);
}

void conform_words(int quantity, const char *words) { conform_quantities[quantity].words = words; }

/* ---- the traced pixels --------------------------------------------------------------------------------------- */

/* One line `slow fast`. 1: read; 0: empty line; -1: anything else. */
static int conform_read_pair(const char *line, long long *slow, long long *fast)
{
	char *end;
	while (isspace((unsigned char)*line))
		line++;
	if (!*line)
		return 0;
	if (!isdigit((unsigned char)*line))
		return -1;
	*slow = strtoll(line, &end, 10);
	if (*end != ' ' && *end != '\t')
		return -1;
	while (*end == ' ' || *end == '\t')
		end++;
	if (!isdigit((unsigned char)*end))
		return -1;
	*fast = strtoll(end, &end, 10);
	while (isspace((unsigned char)*end))
		end++;
	return *end ? -1 : 1;
}

static void conform_add_pixel(int64_t *room, int64_t slow, int64_t fast)
{
	if (conform_run.n_pixels == *room) {
		*room = *room * 2 + 1024;
		size_t bytes = (size_t)*room * sizeof(int64_t);
		conform_run.slow = (int64_t *)realloc(conform_run.slow, bytes);
		conform_run.fast = (int64_t *)realloc(conform_run.fast, bytes);
		if (!conform_run.slow || !conform_run.fast)
			conform_fail("no memory for %lld traced pixels", (long long)*room);
	}
	conform_run.slow[conform_run.n_pixels] = slow;
	conform_run.fast[conform_run.n_pixels++] = fast;
}

static void conform_check_pixel(const char *path, int line, int64_t slow, int64_t fast)
{
	int64_t n = conform_run.n_pixels;
	if (slow >= conform_run.slow_size || fast >= conform_run.fast_size)
		conform_fail("%s:%d: pixel %lld %lld is outside the frame of %lld x %lld (slow x fast)", path, line,
		             (long long)slow, (long long)fast, (long long)conform_run.slow_size,
		             (long long)conform_run.fast_size);
	if (n && (slow < conform_run.slow[n - 1] || (slow == conform_run.slow[n - 1] && fast <= conform_run.fast[n - 1])))
		conform_fail("%s:%d: pixel %lld %lld does not come after the one before it (sort by slow, then fast)", path,
		             line, (long long)slow, (long long)fast);
}

static void conform_read_pixels(const char *path)
{
	char line[256];
	long long slow = 0, fast = 0;
	int64_t room = 0;
	FILE *file = fopen(path, "r");
	if (!file)
		conform_fail("cannot read the pixel list %s: %s", path, strerror(errno));
	for (int number = 1; fgets(line, sizeof line, file); number++) {
		int got = conform_read_pair(line, &slow, &fast);
		if (got < 0)
			conform_fail("%s:%d: expected `slow fast`, two numbers", path, number);
		if (got == 0)
			continue;
		conform_check_pixel(path, number, slow, fast);
		conform_add_pixel(&room, slow, fast);
	}
	if (ferror(file))
		conform_fail("cannot read the pixel list %s: %s", path, strerror(errno));
	fclose(file);
	if (conform_run.n_pixels == 0)
		conform_fail("%s names no pixel", path);
}

static void conform_check_printed(void)
{
	int64_t slow = conform_run.print_slow, fast = conform_run.print_fast;
	if (slow < 0 || slow >= conform_run.slow_size || fast < 0 || fast >= conform_run.fast_size)
		conform_fail("pixel %lld %lld is outside the frame of %lld x %lld", (long long)slow, (long long)fast,
		             (long long)conform_run.slow_size, (long long)conform_run.fast_size);
}

void conform_frame(int64_t slow_size, int64_t fast_size)
{
	const char *list = getenv("CONFORM_PIXELS");
	conform_run.slow_size = slow_size;
	conform_run.fast_size = fast_size;
	if (conform_run.prefix)
		conform_check_printed();
	if (conform_run.folder && list && *list)
		conform_read_pixels(list);
	conform_run.every_pixel = conform_run.folder && !conform_run.n_pixels;
	if (conform_run.every_pixel)
		conform_run.n_pixels = slow_size * fast_size;
	conform_axis(CONFORM_A_pixel, 0, conform_run.n_pixels, NULL, 1);
	conform_run.row_start = (int64_t *)conform_allocate(slow_size + 1, sizeof(int64_t));
	for (int64_t slow = 0, i = 0; slow <= slow_size; slow++) {
		while (conform_run.slow && i < conform_run.n_pixels && conform_run.slow[i] < slow)
			i++;
		conform_run.row_start[slow] = i;
	}
}

/* The place of the pixel on its axis, or -1. A row without traced pixels costs one comparison. */
static int64_t conform_find_pixel(int64_t slow, int64_t fast)
{
	if (!conform_run.row_start)
		conform_fail("a pixel before the size of the image is known: CONFORM_FRAME comes before CONFORM_PIXEL");
	if (conform_run.every_pixel)
		return slow * conform_run.fast_size + fast;
	int64_t low = conform_run.row_start[slow], high = conform_run.row_start[slow + 1];
	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		if (conform_run.fast[middle] < fast)
			low = middle + 1;
		else
			high = middle;
	}
	return low < conform_run.row_start[slow + 1] && conform_run.fast[low] == fast ? low : -1;
}

static int conform_is_printed(int64_t slow, int64_t fast)
{
	return conform_run.prefix && slow == conform_run.print_slow && fast == conform_run.print_fast;
}

/* Arms this thread if the pixel is traced. */
void conform_pixel(int64_t slow, int64_t fast)
{
	int64_t place = conform_find_pixel(slow, fast);
	int stores = conform_run.pixel_level ? CONFORM_STORES_PIXEL : CONFORM_STORES;
	conform_here.armed = (place >= 0 ? stores : 0) | (conform_is_printed(slow, fast) ? CONFORM_PRINTS : 0);
	if (!conform_here.armed)
		return;
	if (conform_here.armed & CONFORM_WHEN_INSIDE)
		conform_put_nowhere();
	conform_here.at[CONFORM_A_pixel] = place;
}

/* ---- placing values ------------------------------------------------------------------------------------------ */

static size_t conform_item_size(int type) { return type == CONFORM_F32 ? 4 : 8; }

static int conform_find_axis(const char *name, size_t length)
{
	for (int axis = 0; axis < CONFORM_N_AXES; axis++)
		if (strlen(conform_axes[axis].name) == length && strncmp(conform_axes[axis].name, name, length) == 0)
			return axis;
	return -1;
}

static void conform_resolve_axes(struct conform_quantity_state *quantity)
{
	quantity->rank = 0;
	for (const char *p = quantity->axes_text; *p;) {
		size_t length = strcspn(p, " ");
		int axis = conform_find_axis(p, length);
		if (length && (axis < 0 || quantity->rank == CONFORM_MAX_RANK))
			conform_fail("quantity %s: no axis `%.*s`", quantity->name, (int)length, p);
		if (length)
			quantity->axis[quantity->rank++] = axis;
		p += length + strspn(p + length, " ");
	}
}

/* How much memory is left, and where the limit stands; more than anybody has where nothing says. */
struct conform_memory { double left; char limit[4608]; };

/* The number behind `word` at the beginning of a line of folder/name; -1 where there is none. */
static double conform_number_in(const char *folder, const char *name, const char *word)
{
	char line[4608];
	double number = -1.0;
	FILE *file = snprintf(line, sizeof line, "%s%s", folder, name) < (int)sizeof line ? fopen(line, "r") : NULL;
	while (file && number < 0.0 && fgets(line, sizeof line, file))
		if (strncmp(line, word, strlen(word)) != 0 || sscanf(line + strlen(word), "%lf", &number) != 1)
			number = -1.0;
	if (file)
		fclose(file);
	return number;
}

/* Where a kind of control groups says what: `controller` before a group's name in CONFORM_CGROUP, the rest below CONFORM_CGROUPS. */
struct conform_groups { const char *controller, *root, *limit, *used, *inactive, *active; };
static const struct conform_groups conform_group_kinds[] = {
	{ ":", CONFORM_CGROUPS, "/memory.max", "/memory.current", "inactive_file ", "active_file " },
	{ "memory:", CONFORM_CGROUPS "/memory", "/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_inactive_file ", "total_active_file " },
};

static void conform_look_at_group(struct conform_memory *memory, const struct conform_groups *groups, const char *folder)
{
	double limit = conform_number_in(folder, groups->limit, ""), used = conform_number_in(folder, groups->used, "");
	double inactive = conform_number_in(folder, "/memory.stat", groups->inactive);        /* files that were read: given back where */
	double active = conform_number_in(folder, "/memory.stat", groups->active);            /* memory is short, as MemAvailable has it */
	double left = limit - (used > 0.0 ? used : 0.0) + (inactive > 0.0 ? inactive : 0.0) + (active > 0.0 ? active : 0.0);
	if (limit < 0.0 || left >= memory->left)
		return;
	memory->left = left > 0.0 ? left : 0.0;
	snprintf(memory->limit, sizeof memory->limit, " of the control group's limit in %s%s", folder, groups->limit);
}

/* Our own group and all above it: each may have a limit. In a container the group's name may be one that is known outside only:
   then the limit lies at the root. */
static void conform_look_at_groups(struct conform_memory *memory, const struct conform_groups *groups)
{
	char line[4096], folder[4352];
	size_t root = strlen(groups->root), end, word = strlen(groups->controller);
	FILE *file = fopen(CONFORM_CGROUP, "r");
	strcpy(folder, groups->root);
	while (file && fgets(line, sizeof line, file)) {
		const char *name = strchr(line, ':');
		if (name && strncmp(name + 1, groups->controller, word) == 0 && root + strlen(name) < sizeof folder)
			strcpy(folder + root, name + 1 + word);
	}
	if (file)
		fclose(file);
	end = root + strcspn(folder + root, "\n");
	do {
		while (end > root && folder[end - 1] == '/')
			end--;
		folder[end] = 0;
		conform_look_at_group(memory, groups, folder);
		while (end > root && folder[end - 1] != '/')
			end--;
	} while (folder[root]);
}

static struct conform_memory conform_memory_left(void)
{
	struct conform_memory memory = { 1e300, "" };
	double kilobytes = conform_number_in(CONFORM_MEMINFO, "", "MemAvailable:");
	if (kilobytes >= 0.0)
		memory.left = 1024.0 * kilobytes;
	for (size_t i = 0; i < sizeof conform_group_kinds / sizeof *conform_group_kinds; i++)
		conform_look_at_groups(&memory, &conform_group_kinds[i]);
	return memory;
}

/* The trace lies in memory until its end. One that has no room there is refused before the first pixel: the system would give
   what it does not have, and kill the program without a word once that is filled. */
static void conform_check_room(const struct conform_quantity_state *quantity)
{
	static struct conform_memory memory;
	static double asked;
	if (asked <= 0.0)
		memory = conform_memory_left();
	asked += (double)quantity->count * (double)(conform_item_size(quantity->type) + 1);
	if (asked > memory.left)
		conform_fail("no memory for the trace of %lld pixels: with %s (%lld elements) it takes %.3g GB or more, and %.3g GB are left%s; "
		             "trace fewer pixels (CONFORM_PIXELS, or a smaller region), or fewer steps in each",
		             (long long)conform_run.n_pixels, quantity->name, (long long)quantity->count, asked * 1e-9, memory.left * 1e-9, memory.limit);
}

/* 1: allocated, all unset. 0: an axis has no size yet. */
static int conform_make_room(struct conform_quantity_state *quantity)
{
	conform_resolve_axes(quantity);
	quantity->count = quantity->inner = 1;
	for (int i = quantity->rank - 1; i >= 0; i--) {
		const struct conform_axis_state *axis = &conform_axes[quantity->axis[i]];
		if (axis->size < 0)
			return 0;
		quantity->stride[i] = quantity->count;
		if (axis->size && quantity->count > INT64_MAX / 16 / axis->size)
			conform_fail("quantity %s has too many elements", quantity->name);
		quantity->count *= axis->size;
		if (!axis->is_loop)
			quantity->inner *= axis->size;
	}
	quantity->per_pixel = quantity->rank == 1 && quantity->axis[0] == CONFORM_A_pixel;
	conform_check_room(quantity);
	quantity->values = (unsigned char *)conform_allocate(quantity->count, conform_item_size(quantity->type));
	quantity->unset = (unsigned char *)conform_allocate(quantity->count, 1);
	memset(quantity->unset, 1, (size_t)quantity->count);
	return 1;
}

/* On the pixel axis and others. */
static int conform_is_inside(const struct conform_quantity_state *quantity)
{
	return strncmp(quantity->axes_text, "pixel ", 6) == 0;
}

static int conform_stores(const struct conform_quantity_state *quantity)
{
	return conform_here.armed & (quantity->per_pixel ? CONFORM_STORES | CONFORM_STORES_PIXEL : CONFORM_STORES);
}

/* Everything that the loop may put must exist before its threads do. */
void conform_begin(void)
{
	if (!conform_run.folder)
		return;
	for (int i = 0; i < CONFORM_N_QUANTITIES; i++)
		if (!conform_quantities[i].values && !(conform_run.pixel_level && conform_is_inside(&conform_quantities[i])))
			conform_make_room(&conform_quantities[i]);
}

void conform_at(int axis, int64_t index)
{
	if (index < 0 || index >= conform_axes[axis].size)
		conform_fail("index %lld is outside the axis %s of %lld", (long long)index, conform_axes[axis].name,
		             (long long)conform_axes[axis].size);
	conform_here.at[axis] = index;
}

/* Elements on the component and grid axes together. */
static int64_t conform_count_components(const struct conform_quantity_state *quantity)
{
	int64_t count = 1;
	for (const char *p = quantity->axes_text; *p;) {
		size_t length = strcspn(p, " ");
		int axis = conform_find_axis(p, length);
		count *= axis > CONFORM_A_pixel && !conform_axes[axis].is_loop ? conform_axes[axis].size : 1;
		p += length + strspn(p + length, " ");
	}
	return count;
}

static void conform_note_site(struct conform_quantity_state *quantity, const char *site)
{
#ifdef __GNUC__
	if (__atomic_load_n(&quantity->site, __ATOMIC_RELAXED) != site)     /* threads note the same site at the same time */
		__atomic_store_n(&quantity->site, site, __ATOMIC_RELAXED);
#else
	quantity->site = site;
#endif
}

/* The first element of the quantity that this thread's loop indices name. */
static int64_t conform_place_of(struct conform_quantity_state *quantity, const char *site)
{
	int64_t offset = 0;
	if (!quantity->values && !conform_make_room(quantity))
		conform_fail("%s: quantity %s has an axis without a size", site, quantity->name);
	for (int i = 0; i < quantity->rank; i++) {
		int axis = quantity->axis[i];
		if (!conform_axes[axis].is_loop)
			continue;
		if (conform_here.at[axis] < 0)
			conform_fail("%s: quantity %s is put outside a loop over %s", site, quantity->name,
			             conform_axes[axis].name);
		offset += conform_here.at[axis] * quantity->stride[i];
	}
	conform_note_site(quantity, site);
	return offset;
}

static void conform_store(struct conform_quantity_state *quantity, int64_t element, double real, int64_t whole)
{
	unsigned char *place = quantity->values + (size_t)element * conform_item_size(quantity->type);
	float single = (float)real;
	if (quantity->type == CONFORM_F64)
		memcpy(place, &real, sizeof real);
	else if (quantity->type == CONFORM_F32)
		memcpy(place, &single, sizeof single);
	else
		memcpy(place, &whole, sizeof whole);
	quantity->unset[element] = 0;
}

/* What no integer can hold, and what is no number, becomes the smallest one. */
static int64_t conform_whole(double value)
{
	return value >= -9223372036854775808.0 && value < 9223372036854775808.0 ? (int64_t)value : INT64_MIN;
}

/* `[layer=1 phi=3]`: the indices on the loop axes of more than one turn, and on the component axis if one value of it is put. */
static void conform_print_indices(const struct conform_quantity_state *quantity, int64_t component)
{
	const char *before = "[";
	for (const char *p = quantity->axes_text; *p;) {
		size_t length = strcspn(p, " ");
		int axis = conform_find_axis(p, length);
		int shown = axis > CONFORM_A_pixel && (conform_axes[axis].is_loop ? conform_axes[axis].size > 1 : component >= 0);
		if (shown)
			printf("%s%.*s=%lld", before, (int)length, p,
			       (long long)(conform_axes[axis].is_loop ? conform_here.at[axis] : component));
		before = shown ? " " : before;
		p += length + strspn(p + length, " ");
	}
	fputs(*before == ' ' ? "]" : "", stdout);
}

/* `PREFIXname = 1 2 3` with all digits; component -1: these are all values; whole: what a double may not hold, or NULL.
   One thread at a time: that of the one pixel. */
static void conform_print_values(const struct conform_quantity_state *quantity, int64_t component, int64_t count,
                                 const double *values, const int64_t *whole)
{
	printf("%s%s", conform_run.prefix, quantity->name);
	conform_print_indices(quantity, component);
	fputs(" =", stdout);
	for (int64_t i = 0; i < count; i++)
		if (quantity->type == CONFORM_I64)
			printf(" %lld", (long long)(whole ? whole[i] : conform_whole(values[i])));
		else
			printf(" %.17g", quantity->type == CONFORM_F32 ? (double)(float)values[i] : values[i]);
	putchar('\n');
}

static void conform_put_both(int quantity, int64_t component, double real, int64_t whole, const char *site)
{
	struct conform_quantity_state *state = &conform_quantities[quantity];
	if (conform_stores(state)) {
		int64_t first = conform_place_of(state, site);
		if (component < 0 || component >= state->inner)
			conform_fail("%s: quantity %s has no component %lld", site, state->name, (long long)component);
		conform_store(state, first + component, real, whole);
	}
	if (conform_here.armed & CONFORM_PRINTS)
		conform_print_values(state, component, 1, &real, &whole);
}

void conform_put(int quantity, int64_t component, double value, const char *site)
{
	conform_put_both(quantity, component, value, conform_whole(value), site);
}

void conform_put_int(int quantity, int64_t component, int64_t value, const char *site)
{
	conform_put_both(quantity, component, (double)value, value, site);
}

void conform_put_some(int quantity, int64_t count, const double *values, const char *site)
{
	struct conform_quantity_state *state = &conform_quantities[quantity];
	if (conform_stores(state)) {
		int64_t first = conform_place_of(state, site);
		count = count < 0 ? state->inner : count;
		if (count > state->inner)
			conform_fail("%s: quantity %s has no component %lld", site, state->name, (long long)count - 1);
		for (int64_t i = 0; i < count; i++)
			conform_store(state, first + i, values[i], conform_whole(values[i]));
	}
	if (conform_here.armed & CONFORM_PRINTS)
		conform_print_values(state, -1, count < 0 ? conform_count_components(state) : count, values, NULL);
}

void conform_put3(int quantity, double v0, double v1, double v2, const char *site)
{
	double values[3];
	values[0] = v0, values[1] = v1, values[2] = v2;
	conform_put_some(quantity, 3, values, site);
}

void conform_put_int3(int quantity, int64_t v0, int64_t v1, int64_t v2, const char *site)
{
	conform_put3(quantity, (double)v0, (double)v1, (double)v2, site);
}

void conform_put_array(int quantity, const double *values, const char *site)
{
	conform_put_some(quantity, -1, values, site);
}

/* A whole table of up to three grid axes; element (i, j, k) is values[i*s0 + j*s1 + k*s2]. */
void conform_put_table(int quantity, const double *values, int64_t s0, int64_t s1, int64_t s2, const char *site)
{
	struct conform_quantity_state *state = &conform_quantities[quantity];
	int64_t step[3], size[3] = { 1, 1, 1 }, element;
	if (!(conform_here.armed & CONFORM_STORES))
		return;
	element = conform_place_of(state, site);
	step[0] = s0, step[1] = s1, step[2] = s2;
	for (int i = 0, grid = 0; i < state->rank; i++)
		if (!conform_axes[state->axis[i]].is_loop && grid < 3)
			size[grid++] = conform_axes[state->axis[i]].size;
	if (size[0] * size[1] * size[2] != state->inner)
		conform_fail("%s: quantity %s has more than three axes to fill at once", site, state->name);
	for (int64_t i = 0; i < size[0]; i++)
		for (int64_t j = 0; j < size[1]; j++)
			for (int64_t k = 0; k < size[2]; k++)
				{
				double value = values[i * step[0] + j * step[1] + k * step[2]];
				conform_store(state, element++, value, conform_whole(value));
			}
}

/* ---- writing the trace --------------------------------------------------------------------------------------- */

static char conform_byte_order(void)
{
	const uint16_t one = 1;
	unsigned char first;
	memcpy(&first, &one, 1);
	return first ? '<' : '>';
}

/* One .npy file, format 1.0: magic, a header padded to a multiple of 64 bytes, then the elements in C order. */
static void conform_write_npy(const char *name, const char *suffix, const char *type, size_t item,
                              const int64_t *shape, int rank, const void *values)
{
	char header[1024];
	int64_t count = 1;
	char *path = conform_path(name, suffix);
	FILE *file = conform_create(path);
	int length = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (", type);
	for (int i = 0; i < rank; i++) {
		length += snprintf(header + length, sizeof header - (size_t)length, "%lld%s", (long long)shape[i],
		                   rank == 1 ? "," : i + 1 < rank ? ", " : "");
		count *= shape[i];
	}
	length += snprintf(header + length, sizeof header - (size_t)length, "), }");
	int padded = (10 + length + 1 + 63) / 64 * 64 - 10;
	unsigned char start[10] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 0, 0 };
	start[8] = (unsigned char)(padded & 255);
	start[9] = (unsigned char)(padded >> 8);
	fwrite(start, 1, sizeof start, file);
	fprintf(file, "%s%*s\n", header, padded - length - 1, "");
	fwrite(values, item, (size_t)count, file);
	conform_close(file, path);
	free(path);
}

static void conform_write_text(FILE *file, const char *text)
{
	fputc('"', file);
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20)
			fprintf(file, "\\u%04x", (unsigned)(unsigned char)*p);
		else
			fprintf(file, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
	fputc('"', file);
}

/* `a b c` as ["a", "b", "c"] */
static void conform_write_words(FILE *file, const char *text)
{
	int first = 1;
	fputc('[', file);
	for (const char *p = text; *p;) {
		size_t length = strcspn(p, " ");
		if (length)
			fprintf(file, "%s\"%.*s\"", first ? "" : ", ", (int)length, p), first = 0;
		p += length + strspn(p + length, " ");
	}
	fputc(']', file);
}

static void conform_write_producer(FILE *file)
{
	int threads = 1;
#ifdef _OPENMP
	threads = omp_get_max_threads();
#endif
	fprintf(file, "{\"format\": \"conform-raw/1\",\n \"producer\": {\"program\": ");
	conform_write_text(file, conform_run.program);
	fprintf(file, ", \"version\": ");
	conform_write_text(file, conform_run.version);
	fprintf(file, ", \"language\": \"C\", \"compiler\": ");
	conform_write_text(file, CONFORM_COMPILER);
	fprintf(file, ", \"flags\": ");
	conform_write_text(file, CONFORM_FLAGS);
	fprintf(file, ", \"dtype\": \"float64\", \"device\": \"cpu\", \"threads\": %d, \"quirks\": [", threads);
	for (int i = 0; i < conform_run.n_quirks; i++) {
		fputs(i ? ", " : "", file);
		conform_write_text(file, conform_run.quirks[i]);
	}
	fprintf(file, "]},\n \"axes\": {");
}

static void conform_write_axes(FILE *file)
{
	const char *comma = "";
	for (int i = 0; i < CONFORM_N_AXES; i++) {
		const struct conform_axis_state *axis = &conform_axes[i];
		if (axis->size < 0)
			continue;
		fprintf(file, "%s\n  \"%s\": {\"size\": %lld", comma, axis->name, (long long)axis->size);
		if (axis->is_grid)
			fprintf(file, ", \"first\": %lld", (long long)axis->first);
		if (axis->labels) {
			fprintf(file, ", \"labels\": ");
			conform_write_words(file, axis->labels);
		}
		fputc('}', file);
		comma = ",";
	}
}

static const char *conform_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void conform_write_values(struct conform_quantity_state *quantity)
{
	static const char *const code[] = { "f8", "f4", "i8" };
	int64_t shape[CONFORM_MAX_RANK] = { 0 };
	char type[8];
	for (int i = 0; i < quantity->rank; i++)
		shape[i] = conform_axes[quantity->axis[i]].size;
	snprintf(type, sizeof type, "%c%s", conform_byte_order(), code[quantity->type]);
	conform_write_npy(quantity->name, ".npy", type, conform_item_size(quantity->type), shape, quantity->rank,
	                  quantity->values);
	quantity->has_unset = memchr(quantity->unset, 1, (size_t)quantity->count) != NULL;
	if (quantity->has_unset)
		conform_write_npy(quantity->name, ".unset.npy", "|u1", 1, shape, quantity->rank, quantity->unset);
}

/* Of a whole frame they are most of the work of tracing it, and each has its own file. */
static void conform_write_all_values(void)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic)
#endif
	for (int i = 0; i < CONFORM_N_QUANTITIES; i++)
		if (conform_quantities[i].site)
			conform_write_values(&conform_quantities[i]);
}

static void conform_write_quantity(FILE *file, const struct conform_quantity_state *quantity)
{
	static const char *const dtype[] = { "float64", "float32", "int64" };
	fprintf(file, "\n  \"%s\": {\"unit\": ", quantity->name);
	conform_write_text(file, quantity->unit);
	fprintf(file, ", \"axes\": ");
	conform_write_words(file, quantity->axes_text);
	fprintf(file, ", \"dtype\": \"%s\", \"file\": \"%s.npy\"", dtype[quantity->type], quantity->name);
	if (quantity->has_unset)
		fprintf(file, ", \"unset\": \"%s.unset.npy\"", quantity->name);
	if (quantity->words) {
		fprintf(file, ", \"labels\": ");
		conform_write_words(file, quantity->words);
	}
	fprintf(file, ", \"source\": ");
	conform_write_text(file, conform_base_name(quantity->site));
	fputc('}', file);
}

/* Coordinate of every pixel of the frame: its row, or its column. The caller frees it. */
static int64_t *conform_frame_coordinate(int of_row)
{
	int64_t *values = (int64_t *)conform_allocate(conform_run.n_pixels, sizeof(int64_t));
#ifdef _OPENMP
#pragma omp parallel for
#endif
	for (int64_t slow = 0; slow < conform_run.slow_size; slow++)
		for (int64_t fast = 0; fast < conform_run.fast_size; fast++)
			values[slow * conform_run.fast_size + fast] = of_row ? slow : fast;
	return values;
}

/* The coordinates of the pixel axis are known to this header, also for pixels that the program skips. */
static void conform_write_coordinate(FILE *file, const char *name, int64_t *listed, int of_row)
{
	char type[8];
	int64_t *values = listed;
	if (conform_axes[CONFORM_A_pixel].size < 0)
		return;                       /* a program without pixels */
	if (conform_run.every_pixel)
		values = conform_frame_coordinate(of_row);
	snprintf(type, sizeof type, "%ci8", conform_byte_order());
	conform_write_npy(name, ".npy", type, 8, &conform_run.n_pixels, 1, values);
	if (conform_run.every_pixel)
		free(values);
	fprintf(file, "\n  \"%s\": {\"unit\": \"count\", \"axes\": [\"pixel\"], \"dtype\": \"int64\", \"file\": \"%s.npy\","
	        " \"source\": \"%s\"},", name, name, conform_base_name(CONFORM_SITE));
}

/* trace.json is renamed into place when everything else is safely on the disk: a trace that has it is whole.
   A quantity that the run never put is not in it. */
void conform_end(void)
{
	char *part, *path;
	FILE *file;
	const char *comma = "";
	if (!conform_run.folder) {
		free(conform_run.row_start);
		conform_tracing = conform_here.armed = 0;
		return;
	}
	part = conform_path("trace.json", ".part"), path = conform_path("trace.json", "");
	conform_write_all_values();
	file = conform_create(part);
	conform_write_producer(file);
	conform_write_axes(file);
	fprintf(file, "},\n \"quantities\": {");
	conform_write_coordinate(file, "slow", conform_run.slow, 1);
	conform_write_coordinate(file, "fast", conform_run.fast, 0);
	for (int i = 0; i < CONFORM_N_QUANTITIES; i++)
		if (conform_quantities[i].site) {
			fputs(comma, file);
			conform_write_quantity(file, &conform_quantities[i]);
			comma = ",";
		}
	fprintf(file, "}}\n");
	conform_close(file, part);
	if (rename(part, path) != 0)
		conform_fail("cannot write %s: %s", path, strerror(errno));
	for (int i = 0; i < CONFORM_N_QUANTITIES; i++) {
		free(conform_quantities[i].values);
		free(conform_quantities[i].unset);
		conform_quantities[i].values = conform_quantities[i].unset = NULL;
	}
	free(conform_run.slow), free(conform_run.fast), free(conform_run.row_start), free(part), free(path);
	conform_tracing = conform_here.armed = 0;
}

#endif /* CONFORM_IMPLEMENTATION */
#ifdef __cplusplus
}
#endif
#endif /* CONFORM_PROBES */
#endif /* CONFORM_PROBE_H */
