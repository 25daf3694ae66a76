/* The program in reading order: parse, derive, walk the pixels, write. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFORM_IMPLEMENTATION
#include "nanobragg.h"
#include "quantities.h"

void refuse(const char *format, ...)
{
	va_list arguments;
	fflush(stdout);
	fputs("nanobragg: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(EXIT_REFUSED);
}

/* Zeroed memory, or no return. */
void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);
	if (!memory)
		refuse("no memory for %zu elements of %zu bytes", count, size);
	return memory;
}

/* cli.31   -trace_pixel slow fast: what is traced of the pixel, as text. */
static void print_trace(const Options *options)
{
	if (options->trace_pixel[0] < 0 || options->trace_pixel[1] < 0)
		return;
#ifdef CONFORM_PROBES
	CONFORM_PRINT("TRACE_C: ", options->trace_pixel[0], options->trace_pixel[1]);
#else
	refuse("-trace_pixel needs a program that was built with its probes: make PROBES=1");
#endif
}

static void open_trace(const Options *options)
{
	CONFORM_OPEN("nanobragg", PROGRAM_VERSION);
	print_trace(options);
	CONFORM_COMPONENTS(xyz, "x y z");
	CONFORM_COMPONENTS(uvw, "u v w");
	CONFORM_COMPONENTS(abc, "a b c");
	CONFORM_COMPONENTS(draw, "d0 d1 d2");
	CONFORM_COMPONENTS(node_h, "n0 n1 n2 n3");
	CONFORM_COMPONENTS(node_k, "n0 n1 n2 n3");
	CONFORM_COMPONENTS(node_l, "n0 n1 n2 n3");
	CONFORM_COMPONENTS(row, "x y z");
	CONFORM_COMPONENTS(column, "a b c");
	CONFORM_WORDS(shape, "square round gauss tophat");
	CONFORM_WORDS(convention, "adxv mosflm denzo xds dials custom");
	CONFORM_WORDS(pivot, "beam sample");
	CONFORM_WORDS(interpolate_asked, "off on automatic");
	CONFORM_WORDS(noise_regime, "exact rejection normal");
	trace_quirks(options->quirks);
}

/* structure.16   The one thing that threads share and change while they walk. */
static void share_interpolation(Run *run)
{
	run->interpolating = allocate(1, sizeof *run->interpolating);
	atomic_init(run->interpolating, run->interpolate);
}

/* The order of the original: the detector before the cell, misset before mosaic. */
static void derive(Run *run, const Options *options)
{
	double sample[3];
	run->options = options;
	run->phi = options->phi;
	trace_spindle_steps(&options->phi);
	select_spindle_steps(&run->phi);
	place_detector(&run->detector, options);
	CONFORM_FRAME(run->detector.pixels[SLOW], run->detector.pixels[FAST]);
	select_layers(&run->detector, options);
	build_crystal(&run->crystal, options, &run->random);
	clip_sample(sample, options);
	size_crystal(&run->crystal, options, sample);
	run->oversample = choose_oversample(options, &run->detector, &run->crystal);
	load_structure_factors(&run->table, options);
	run->interpolate = choose_interpolation(options, &run->crystal, &run->table);
	share_interpolation(run);
	build_beam(&run->beam, options, &run->detector);
	run->I_background = background(options, &run->beam);
	plan_sampling(run);
	CONFORM_PUT_INT(shape, options->shape);
	CONFORM_PUT(fudge, options->fudge);
	CONFORM_PUT_INT(kahn_given, options->kahn_given);
	CONFORM_PUT(water, options->water);
	CONFORM_PUT(I_background, run->I_background);
}

/* One row of pixels by one thread; returns the sum of its solid angles. */
static double walk_row(Walk *walk, float *image, int slow)
{
	int width = walk->run->detector.pixels[FAST];
	walk->omega_sum = 0.0;
	for (int fast = 0; fast < width; fast++) {
		CONFORM_PIXEL(slow, fast);
		image[(size_t)slow * (size_t)width + (size_t)fast] = CONFORM_EITHER(walk_pixel, bare_walk_pixel)(walk, slow, fast);
	}
	return walk->omega_sum;
}

/* sampling.1   Only the slow-pixel loop is parallel: contiguous blocks of rows, the first ones one row longer. A thread
   keeps its working cell from pixel to pixel, so the first pixel of each block starts from the unrotated cell (D04). */
static void walk_detector(const Run *run, float *image, double *row_omega)
{
	int rows = run->detector.pixels[SLOW];
	bool alone = run->interpolate && has_quirk(run->options, QUIRK_TABLE_VALUE_OUTSIDE) &&
	             !has_quirk(run->options, QUIRK_RACING_SWITCH_OFF);      /* the end of interpolation in pixel order (D42) */
	(void)alone;
	CONFORM_BEGIN();
#ifdef _OPENMP
#pragma omp parallel default(none) shared(run, image, row_omega, rows) if (!alone)
#endif
	{
		Walk walk = start_walk(run);
#ifdef _OPENMP
#pragma omp for schedule(static)
#endif
		for (int slow = 0; slow < rows; slow++)
			row_omega[slow] = walk_row(&walk, image, slow);
	}
}

/* detector.13   The printed solid angle: the sum over pixels, layers and subpixels, divided by all steps (D27). */
static void print_solid_angle(const Run *run, const double *row_omega)
{
	double sum = 0.0;
	for (int slow = 0; slow < run->detector.pixels[SLOW]; slow++)
		sum += row_omega[slow];
	CONFORM_PUT(omega_sum, sum);
	sum /= run->steps;
	CONFORM_PUT(printed_solid_angle, sum);
	printf("solid angle subtended by detector = %g steradian ( %g%% sphere)\n", sum, 100.0 * sum / 4.0 / PI);
}

static void simulate(const Run *run)
{
	size_t pixels = (size_t)run->detector.pixels[FAST] * (size_t)run->detector.pixels[SLOW];
	float *image = allocate(pixels, sizeof *image);
	double *row_omega = allocate((size_t)run->detector.pixels[SLOW], sizeof *row_omega);
	Statistics statistics;
	walk_detector(run, image, row_omega);
	CONFORM_RUN_LEVEL();
	print_solid_angle(run, row_omega);
	statistics = image_statistics(run, image);
	write_images(run, image, &statistics);
	CONFORM_END();
	free(image);
	free(row_omega);
}

static void release(Run *run)
{
	free(run->table.F);
	free(run->beam.sources);
	free(run->cell_at_phi);
	free(run->mosaic_rotation);
	free(run->interpolating);
	free(run->options->mask);
}

int main(int argc, char **argv)
{
	Options options = parse_command_line(argc, argv);
	Run run = { 0 };
	open_trace(&options);
	derive(&run, &options);
	print_summary(&run);
	simulate(&run);
	release(&run);
	if (fflush(stdout) != 0 || ferror(stdout))
		refuse("cannot write the summary to standard output: %s", strerror(errno));
	return EXIT_SUCCESS;
}
