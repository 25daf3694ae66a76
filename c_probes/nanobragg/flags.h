/* What a row of the table of flags says: shared by the table and by what goes through it. */
#ifndef FLAGS_H
#define FLAGS_H

#include "nanobragg.h"

typedef enum { ANYWHERE, WHOLE } Match;              /* where the pattern must stand in the argument */
typedef enum { NUMBER, COUNT, WORD, DIRECTION, CHOICE, CALL } Kind;
typedef enum { PLAIN, MM, UM, DEGREE, MRAD, ANGSTROM, PERCENT } Unit;
enum { TO_BEAM = 1, TO_SAMPLE = 2, TO_CUSTOM = 4, POLAR_ON = 8, PGM_ON = 16, NOISE_ON = 32, LAST = 64, NEEDED = 128 };

/* Takes what follows the argument; false: no further pattern is tried on it. */
typedef bool Handler(Options *options, int left, char **values);

typedef struct {
	const char *pattern;
	Match match;
	Kind kind;
	size_t field;
	int detail;                                      /* NUMBER, DIRECTION: the unit; CHOICE: the value stored */
	unsigned effects;
	int values;                                      /* ignored if fewer arguments follow */
	Handler *call;
} Flag;

double internal(double value, Unit unit);
double number(const char *text);
int whole(const char *text);

extern const Flag flags[];
extern const size_t n_flags;

#endif
