/* Three-vectors in the lab frame. Sums run left to right, as the traced figures need them to the last bit. */
#ifndef VECTORS_H
#define VECTORS_H

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846
#define INVERSE_PI 0.31830988618379067154
#define RTD (180.0 * INVERSE_PI)      /* degrees in a radian; angles are divided by it (units.4) */

typedef double Vec[3];
enum { X, Y, Z };

static inline double dot(const double *u, const double *v) { return u[X] * v[X] + u[Y] * v[Y] + u[Z] * v[Z]; }
static inline double norm(const double *v) { return sqrt(dot(v, v)); }
static inline void copy(const double *v, double *out) { memcpy(out, v, sizeof(Vec)); }

static inline void set(double *out, double x, double y, double z)
{
	out[X] = x;
	out[Y] = y;
	out[Z] = z;
}

static inline void scale(const double *v, double factor, double *out)
{
	set(out, v[X] * factor, v[Y] * factor, v[Z] * factor);
}

static inline void cross(const double *u, const double *v, double *out)
{
	set(out, u[Y] * v[Z] - u[Z] * v[Y], u[Z] * v[X] - u[X] * v[Z], u[X] * v[Y] - u[Y] * v[X]);
}

/* out = v / |v|, which may be v itself; returns |v|. The null vector stays null. */
static inline double unit(const double *v, double *out)
{
	double length = norm(v);
	if (length > 0.0)
		set(out, v[X] / length, v[Y] / length, v[Z] / length);
	else
		set(out, 0.0, 0.0, 0.0);
	return length;
}

/* geometry.20, crystal.15   v' = u (u.v)(1 - cos t) + v cos t + (u x v) sin t; u is used as it is, unit or not. */
static inline void rotate_about(const double *v, const double *u, double angle, double *out)
{
	double along = dot(u, v) * (1.0 - cos(angle)), c = cos(angle), s = sin(angle);
	Vec across;
	cross(u, v, across);
	set(out, u[X] * along + v[X] * c + across[X] * s, u[Y] * along + v[Y] * c + across[Y] * s,
	    u[Z] * along + v[Z] * c + across[Z] * s);
}

/* One step of rotate_xyz: turns the plane of the components i and j, right-handed. */
static inline void turn_plane(double *v, int i, int j, double angle)
{
	double vi = v[i], vj = v[j];
	if (angle == 0.0)
		return;
	v[i] = cos(angle) * vi - sin(angle) * vj;
	v[j] = sin(angle) * vi + cos(angle) * vj;
}

/* geometry.19, crystal.7   right-handed about lab x, then y, then z; exact, no small-angle form. */
static inline void rotate_xyz(double *v, const double *angles)
{
	turn_plane(v, Y, Z, angles[X]);
	turn_plane(v, Z, X, angles[Y]);
	turn_plane(v, X, Y, angles[Z]);
}

#endif
