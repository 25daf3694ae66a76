/* The C reference program: what its parts know of each other.

   Written from the spec and from measured facts. A clause id with its formula stands above the lines that compute it.
   Internal units: metres, radians, seconds; reciprocal cell 1/Angstrom. One Run is filled once, then read-only. */
#ifndef NANOBRAGG_H
#define NANOBRAGG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vectors.h"

#define PROGRAM_VERSION "0.1"
#define R_E_SQR 7.94079248018965e-30     /* units.13   classical electron radius squared, m^2 */
#define AVOGADRO 6.02214179e23           /* units.13   1/mol */

enum { EXIT_REFUSED = 9 };               /* the status of every refusal, as in the original */

typedef enum { ADXV, MOSFLM, DENZO, XDS, DIALS, CUSTOM } Convention;
typedef enum { PIVOT_BEAM, PIVOT_SAMPLE } Pivot;
typedef enum { SQUARE, ROUND, GAUSS, TOPHAT } Shape;
enum { FAST, SLOW };                     /* index of per-detector-side pairs */

/* A range that is sampled at steps; a negative count or range, or a step of at most 0, is "not given". */
typedef struct { int count; double range, step; } Steps;

typedef struct { Vec v[3]; } Cell;       /* a, b, c */
typedef struct { Vec row[3]; } Matrix;   /* of a rotation: (matrix v)[i] = row[i].v */

/* The generator that misset, mosaic and noise share, one after the other; each has a state of its own. */
enum { SHUFFLE = 32 };
typedef struct {
	int64_t table[SHUFFLE], last;        /* last is 0 until the table is filled */
	bool has_spare;
	float spare;                         /* the second Gaussian deviate of a pair */
} Random;

/* What a random rotation was made from: three deviates, with the integer of each and the generator's state after it. */
typedef struct { double deviate[3], angle; int64_t integer[3], state[3]; Vec axis; } Draw;

/* ---- what the command line says, in internal units; NaN: not given ---- */
typedef struct {
	const char *matrix, *hkl, *dump, *sourcefile, *floatfile, *intfile, *pgmfile, *noisefile;
	double cell[6];                      /* a b c in Angstrom, angles in rad */
	int cell_given;
	double misset[3];
	int random_misset, misset_seed_given, mosaic_seed_given, seed_given;
	int64_t misset_seed, mosaic_seed, seed;
	double default_F, sample[3], fudge;
	int N[3], shape;
	double mosaic_spread;
	int mosaic_domains;
	double phi0;
	Steps phi, hdiv, vdiv, dispersion, thickness;
	double lambda0, fluence, flux, exposure, beamsize, kahn;
	int nopolar, kahn_given, round_divergence, beamsize_given;
	int convention, pivot, explicit_pivot;       /* explicit: -pivot's; -1: none */
	Vec beam, fast, slow, normal, twotheta_axis, polar, spindle;
	double Xbeam, Ybeam, Xclose, Yclose, ORGX, ORGY, distance, close_distance;
	double rotation[3], twotheta;
	double side[2], pixel, mu;
	int pixels[2], curved, point_pixel;
	int oversample, oversample_thick, oversample_polar, oversample_omega;
	int roi[4];                          /* fast min, fast max, slow min, slow max, inclusive; negative: open */
	double dmin, water;
	int interpolate;                     /* -1: automatic */
	int write_pgm, write_noise;
	double scale, pgm_scale, adc;
	uint16_t *mask;                      /* 0: the pixel is left out; index slow * fast size + fast; NULL: no mask */
	size_t mask_pixels;
	int printout, printout_pixel[2];     /* fast, slow; negative: every pixel */
	int trace_pixel[2];                  /* slow, fast; negative: none */
	unsigned quirks;
} Options;

/* ---- what follows from it ---- */
typedef struct {
	Convention convention;
	Pivot pivot;
	int pixels[2], roi[4];
	double side[2], pixel;
	Vec beam, fast, slow, normal, twotheta_axis, polar, vertical, spindle, pix0, dials_origin;
	double Xbeam, Ybeam, Xclose, Yclose, Fbeam, Sbeam, Fclose, Sclose, ORGX, ORGY;
	double distance, close_distance, ratio;
	Steps thickness;
	double mu;
} Detector;

typedef struct {
	Cell reciprocal, direct;             /* 1/Angstrom; Angstrom, before any rotation */
	Cell cell0;                          /* m */
	double volume, input_volume;         /* Angstrom^3 */
	double misset[3];                    /* rad: as given, or as drawn */
	double length[3];                    /* m */
	int N[3];
} Crystal;

/* direction: the position as a unit vector, from the sample to the source. */
typedef struct {
	Vec position, direction;
	double wavelength, weight, h, v;     /* h, v: divergence, rad */
	int i, j, d, columns;                /* place in the grid and among the wavelengths; columns of its line in a file */
} Source;

typedef struct {
	double flux, fluence;
	Steps hdiv, vdiv, dispersion;
	int n_sources;
	Source *sources;
} Beam;

typedef struct {
	int n_hkls, first[3], range[3];      /* range = last - first + 1 */
	ptrdiff_t stride[2];                 /* of h and of k; one more element on each axis than its range */
	double *F;
} Table;

typedef struct {
	const Options *options;
	Detector detector;
	Crystal crystal;
	Beam beam;
	Table table;
	Steps phi;
	Cell *cell_at_phi;                   /* the reference cell turned to each spindle step */
	Matrix *mosaic_rotation;             /* of each domain */
	Random random;                       /* as misset and mosaic left it */
	bool interpolate;
	atomic_bool *interpolating;          /* what the threads share while they walk: interpolation may be switched off */
	int oversample, mosaic_domains, steps;
	double subpixel, mosaic_spread, I_background;
} Run;

/* What one thread carries through the loop nest. cell_phi outlives the pixel: that is quirk phi_carry_over. */
typedef struct {
	const Run *run;
	const Cell *cell_phi;
	Cell cell;                           /* of the mosaic domain */
	int slow, fast;
	double I, omega, polar, capture, depth, airpath, omega_sum;
	Vec position, diffracted, incident, q;
	double stol;
} Walk;

typedef struct { double max, max_fast, max_slow, mean, rms, rmsd; long population; } Statistics;

/* ---- quirks.c ---- */
typedef enum {
	QUIRK_INCOMPLETE_CELL_COMPLETED, QUIRK_PIVOT_BY_CONVENTION, QUIRK_ABSORPTION_OFF_BY_ORDER, QUIRK_CURVED_LAST_IGNORED,
	QUIRK_POLAR_DESPITE_OFF, QUIRK_MISSET_SEED_MISSET, QUIRK_HEADER_KEYS, QUIRK_MISSING_MATRIX_IGNORED,
	QUIRK_RATIO_WITHOUT_TWOTHETA, QUIRK_DIRECT_VOLUME_RATIO, QUIRK_DEGREES_AS_RADIANS, QUIRK_NOMINAL_VOLUME,
	QUIRK_MISSET_SEED_APART, QUIRK_DEFAULT_BEAM_CLIPS, QUIRK_SOURCE_LINE_ENDS, QUIRK_LAYER_SPACING, QUIRK_HKL_NUMBER_STREAM,
	QUIRK_DUMP_SKIPS_BLANKS, QUIRK_MODE_BEFORE_SIZE, QUIRK_PHI_CARRY_OVER, QUIRK_CURVED_BY_LAB_AXES, QUIRK_FIRST_FOR_LAST,
	QUIRK_DIRECTIONS_RENORMALIZED, QUIRK_TIGHT_STENCIL, QUIRK_TABLE_VALUE_OUTSIDE, QUIRK_RACING_SWITCH_OFF,
	QUIRK_MASKED_IN_DEVIATION
} Quirk;
static inline bool has_quirk(const Options *options, Quirk quirk) { return options->quirks >> quirk & 1u; }
unsigned quirks_from_list(const char *list);
void list_quirks(void);
void trace_quirks(unsigned quirks);

/* ---- cli.c, headers.c ---- */
Options parse_command_line(int argc, char **argv);
void take_image_header(Options *options, const char *path, bool is_mask);

/* ---- text.c ---- */
bool read_line(FILE *file, const char *what, const char *path, int number, char *line, size_t size);

/* ---- random.c ---- */
double uniform(Random *random, int64_t *state);
float poisson(Random *random, int64_t *state, float mean);
Draw random_rotation(Random *random, int64_t *state, double spread, Matrix *out);

/* ---- the areas of the spec ---- */
void select_steps(Steps *steps, double nominal_range);
void select_spindle_steps(Steps *phi);
void trace_spindle_steps(const Steps *asked);
void place_detector(Detector *detector, const Options *options);
void build_crystal(Crystal *crystal, const Options *options, Random *random);
void size_crystal(Crystal *crystal, const Options *options, const double sample[3]);
void read_sources(Beam *beam, const Options *options, const Detector *detector);
void build_beam(Beam *beam, const Options *options, const Detector *detector);
void clip_sample(double sample[3], const Options *options);
void load_structure_factors(Table *table, const Options *options);
bool choose_interpolation(const Options *options, const Crystal *crystal, const Table *table);
double recommended_oversample(const Options *options, const Detector *detector, const Crystal *crystal);
int choose_oversample(const Options *options, const Detector *detector, const Crystal *crystal);
void select_layers(Detector *detector, const Options *options);
void plan_sampling(Run *run);
double phi_angle(const Run *run, int j);
double background(const Options *options, const Beam *beam);

/* ---- structure.c, cache.c: the table of structure factors ---- */
int checked_index(const char *name, double index);
void make_table(Table *table, const char *name, const int last[3]);
bool read_cache(Table *table, const Options *options);
void write_cache(const Table *table, const char *path);
bool in_table(const Table *table, const int hkl[3]);
void note_reflection(const Table *table, const int hkl[3], double F);      /* listed.c */
void trace_reflections(const Table *table);
double table_value(const Table *table, int h, int k, int l);

/* ---- the pixel loop, outside in ---- */
Walk start_walk(const Run *run);
bool in_roi(const Detector *detector, int slow, int fast);
bool is_masked(const Run *run, int slow, int fast);
float walk_pixel(Walk *walk, int slow, int fast);
void subpixel_position(Walk *walk, double fast_position, double slow_position);
void solid_angle(Walk *walk);
void layer_capture(Walk *walk, int layer);
void polarization_factor(Walk *walk);
const Cell *mosaic_cell(Walk *walk, int domain);
double lattice_factor(const Run *run, const double hkl[3], const int hkl0[3]);
double structure_factor(const Run *run, const double hkl[3], const int hkl0[3]);
bool interpolated_factor(const Run *run, const double hkl[3], double *F_cell);
void accumulate(Walk *walk, double F_cell, double F_latt);
double final_value(const Walk *walk);

/* ---- bare.c: the same, compiled without its probes ---- */
float bare_walk_pixel(Walk *walk, int slow, int fast);

/* ---- report.c, statistics.c, output.c ---- */
void print_summary(const Run *run);
Statistics image_statistics(const Run *run, const float *image);
void write_images(const Run *run, const float *image, const Statistics *statistics);

/* ---- main.c ---- */
#ifdef __GNUC__
__attribute__((noreturn, format(printf, 1, 2)))
#endif
void refuse(const char *format, ...);
void *allocate(size_t count, size_t size);

#endif
