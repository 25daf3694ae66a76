/* The inner loops once more, as they are without probes: what main.c runs at a pixel that is not traced.

   Tests of silent probes, and values kept for them alone, cost 10 % of the instructions of the innermost step. */
#ifdef CONFORM_PROBES
#undef CONFORM_PROBES
#define start_walk bare_start_walk
#define in_roi bare_in_roi
#define is_masked bare_is_masked
#define walk_pixel bare_walk_pixel
#define mosaic_cell bare_mosaic_cell
#define lattice_factor bare_lattice_factor
#define accumulate bare_accumulate
#define final_value bare_final_value
#include "walk.c"
#include "lattice.c"
#include "scaling.c"
#else                                    /* nothing, but a file must declare something */
#include "nanobragg.h"
#endif
