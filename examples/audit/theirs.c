/* Somebody's row of pendulums, with the prints that they debug it with: theirs FILE STEPS DT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	double l, release, push, a, f, phase;
	FILE *file = argc > 3 ? fopen(argv[1], "r") : NULL;
	if (!file)
		return fprintf(stderr, "usage: theirs FILE STEPS DT\n"), 2;
	double dt = atof(argv[3]);
	printf("DEBUG dt = %.15g\n", dt);
	for (int line = 1; fscanf(file, "%lf %lf %lf %lf %lf %lf", &l, &release, &push, &a, &f, &phase) == 6; line++) {
		double theta = release * M_PI / 180, theta_dot = push * M_PI / 180, highest = 0;
		printf("DEBUG pendulum %d\n", line);
		printf("DEBUG l = %.15g\nDEBUG release = %.15g\nDEBUG push = %.15g\n", l, release, push);
		printf("DEBUG strength = %.15g\nDEBUG frequency = %.15g\nDEBUG phase = %.15g\n", a, f, phase);
		for (int step = 0; step < atoi(argv[2]); step++) {
			double half = theta + theta_dot * dt / 2, t = (step + 0.5) * dt;
			double gravity = -9.81 / l * sin(theta), drive = a * cos(f * t + phase * M_PI / 180);
			double friction = -0.25 * theta_dot, sum = gravity + drive + friction;
			printf("DEBUG step=%d theta=%.15g theta_dot=%.15g half=%.15g t_ms=%.15g", step, theta, theta_dot, half, t);
			theta_dot += sum * dt;
			theta = half + theta_dot * dt / 2;
			printf(" gravity=%.15g drive=%.15g friction=%.15g sum=%.15g theta_dot_new=%.15g theta_new=%.15g\n", gravity, drive, friction, sum, theta_dot, theta);
			highest = fmax(highest, fabs(theta));
		}
		printf("%.4f\n", highest * 180 / M_PI);
	}
	return 0;
}
