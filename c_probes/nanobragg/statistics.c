/* Figures of the float image, in pixel order: the same for any number of threads (output.18). */
#include "nanobragg.h"
#include "quantities.h"

typedef struct { double sum, squares; long count; } Sums;

static float value_at(const Run *run, const float *image, int slow, int fast)
{
	return image[(size_t)slow * (size_t)run->detector.pixels[FAST] + (size_t)fast];
}

/* output.17   The pixels of the region of interest; those that are masked count where `masked` says so. */
static bool counts(const Run *run, int slow, int fast, bool masked)
{
	return in_roi(&run->detector, slow, fast) && (masked || !is_masked(run, slow, fast));
}

/* output.13   The first of the largest values, at the last subpixel of its pixel. */
static void note_maximum(const Run *run, Statistics *statistics, double value, int slow, int fast)
{
	if (!(value > statistics->max))
		return;
	statistics->max = value;
	statistics->max_fast = run->subpixel * ((fast + 1.0) * run->oversample - 1.0) + run->subpixel / 2.0;
	statistics->max_slow = run->subpixel * ((slow + 1.0) * run->oversample - 1.0) + run->subpixel / 2.0;
}

static double root_mean(double squares, long count) { return sqrt(squares / (double)(count > 2 ? count - 1 : 1)); }

/* output.16   rmsd = sqrt(sum((v-mean)^2)/(n-1)) in a second pass. The program counts masked pixels in it, as 0 (quirk
   masked_in_deviation, D47). */
static double deviation(const Run *run, const float *image, double mean)
{
	bool masked = has_quirk(run->options, QUIRK_MASKED_IN_DEVIATION);
	Sums sums = { 0 };
	for (int slow = 0; slow < run->detector.pixels[SLOW]; slow++)
		for (int fast = 0; fast < run->detector.pixels[FAST]; fast++)
			if (counts(run, slow, fast, masked)) {
				double value = value_at(run, image, slow, fast);
				sums.squares += (value - mean) * (value - mean);
				sums.count++;
			}
	return root_mean(sums.squares, sums.count);
}

static void trace_statistics(const Statistics *statistics)
{
	(void)statistics;
	CONFORM_PUT(max_I, statistics->max);
	CONFORM_PUT(max_I_fast, statistics->max_fast);
	CONFORM_PUT(max_I_slow, statistics->max_slow);
	CONFORM_PUT_INT(population, statistics->population);
	CONFORM_PUT(mean_I, statistics->mean);
	CONFORM_PUT(rms, statistics->rms);
	CONFORM_PUT(rmsd, statistics->rmsd);
}

/* output.14   mean = sum/n.   output.15   rms = sqrt(sum(v^2)/(n-1)), each square in single precision. */
Statistics image_statistics(const Run *run, const float *image)
{
	Statistics statistics = { 0 };
	Sums sums = { 0 };
	for (int slow = 0; slow < run->detector.pixels[SLOW]; slow++)
		for (int fast = 0; fast < run->detector.pixels[FAST]; fast++)
			if (counts(run, slow, fast, false)) {
				float value = value_at(run, image, slow, fast);
				sums.sum += value;
				sums.squares += value * value;
				sums.count++;
				note_maximum(run, &statistics, value, slow, fast);
			}
	statistics.mean = sums.sum / (double)(sums.count > 1 ? sums.count : 1);
	statistics.rms = root_mean(sums.squares, sums.count);
	statistics.population = sums.count;
	statistics.rmsd = deviation(run, image, statistics.mean);
	trace_statistics(&statistics);
	return statistics;
}
