/* A row of pendulums, as pendulum.md says: pendulum FILE STEPS DT [-quirks none|all|phase_in_degrees]
   Prints the highest swing of each, in degrees. The quirk, on unless switched off: the phase of the drive is not
   converted to radians (force.2). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is handed to conform: name, unit, type, axes. Without -DCONFORM_PROBES all of it compiles to nothing. */
#define CONFORM_AXES(AXIS) AXIS(pendulum) AXIS(step)
#define CONFORM_QUANTITIES(Q) \
	Q(dt, "s", F64, "") \
	Q(line, "count", I64, "pendulum") \
	Q(length, "m", F64, "pendulum") \
	Q(release, "", F64, "pendulum") \
	Q(push, "1/s", F64, "pendulum") \
	Q(strength, "1/s^2", F64, "pendulum") \
	Q(frequency, "1/s", F64, "pendulum") \
	Q(phase, "", F64, "pendulum") \
	Q(start_angle, "rad", F64, "pendulum") \
	Q(start_velocity, "rad/s", F64, "pendulum") \
	Q(angle, "rad", F64, "pendulum step") \
	Q(velocity, "rad/s", F64, "pendulum step") \
	Q(middle, "rad", F64, "pendulum step") \
	Q(time, "s", F64, "pendulum step") \
	Q(gravity, "rad/s^2", F64, "pendulum step") \
	Q(drive, "rad/s^2", F64, "pendulum step") \
	Q(friction, "rad/s^2", F64, "pendulum step") \
	Q(acceleration, "rad/s^2", F64, "pendulum step") \
	Q(last_velocity, "rad/s", F64, "pendulum step") \
	Q(last_angle, "rad", F64, "pendulum step")
#define CONFORM_IMPLEMENTATION
#include "conform_probe.h"

enum { MOST = 1000 };
struct pendulum { double length, release, push, strength, frequency, phase; };

static double radians(double degrees) { return degrees * M_PI / 180; }

/* From the release to the last step; returns the highest swing. */
static double swing(const struct pendulum *p, int steps, double dt, double phase)
{
	double angle = radians(p->release), velocity = radians(p->push), highest = 0;
	CONFORM_PUT(start_angle, angle), CONFORM_PUT(start_velocity, velocity);
	for (int step = 0; step < steps; step++) {
		CONFORM_AT(step, step);
		CONFORM_PUT(angle, angle), CONFORM_PUT(velocity, velocity);
		double middle = angle + velocity * dt / 2, time = (step + 0.5) * dt;
		double gravity = -9.81 / p->length * sin(middle);
		double drive = p->strength * cos(p->frequency * time + phase);
		double friction = -0.25 * velocity;
		double acceleration = gravity + drive + friction;
		velocity += acceleration * dt;
		angle = middle + velocity * dt / 2;
		highest = fmax(highest, fabs(angle));
		CONFORM_PUT(middle, middle), CONFORM_PUT(time, time);
		CONFORM_PUT(gravity, gravity), CONFORM_PUT(drive, drive), CONFORM_PUT(friction, friction);
		CONFORM_PUT(acceleration, acceleration);
		CONFORM_PUT(last_velocity, velocity), CONFORM_PUT(last_angle, angle);
	}
	double degrees = highest * 180 / M_PI;
	return degrees;
}

int main(int argc, char **argv)
{
	static struct pendulum row[MOST];
	FILE *file = argc > 3 ? fopen(argv[1], "r") : NULL;
	if (!file)
		return fprintf(stderr, "usage: pendulum FILE STEPS DT [-quirks LIST], and FILE must be there\n"), 2;
	int steps = atoi(argv[2]), quirk = argc < 6 || strcmp(argv[5], "none") != 0, n = 0;
	double dt = atof(argv[3]);
	for (struct pendulum *p = row; n < MOST && fscanf(file, "%lf %lf %lf %lf %lf %lf", &p->length, &p->release, &p->push,
	                                                  &p->strength, &p->frequency, &p->phase) == 6; p++)
		n++;
	fclose(file);
	CONFORM_OPEN("pendulum", "1");
	if (quirk)
		CONFORM_QUIRK("phase_in_degrees");
	CONFORM_AXIS(pendulum, n);
	CONFORM_AXIS(step, steps);
	CONFORM_PUT(dt, dt);
	for (int i = 0; i < n; i++) {
		const struct pendulum *p = &row[i];
		CONFORM_AT(pendulum, i);
		CONFORM_PUT_INT(line, i + 1), CONFORM_PUT(length, p->length), CONFORM_PUT(release, p->release);
		CONFORM_PUT(push, p->push), CONFORM_PUT(strength, p->strength), CONFORM_PUT(frequency, p->frequency);
		CONFORM_PUT(phase, p->phase);
		printf("%.4f\n", swing(p, steps, dt, quirk ? p->phase : radians(p->phase)));
	}
	CONFORM_END();
	return 0;
}
