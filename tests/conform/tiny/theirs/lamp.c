/* The first program once more, in C and without any probe: what somebody has lying about. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double numbers[64];

static int read_numbers(const char *name)
{
	FILE *file = fopen(name, "r");
	int count = 0;
	if (!file) {
		fprintf(stderr, "%s cannot be read\n", name);
		exit(3);
	}
	while (count < 64 && fscanf(file, "%lf", &numbers[count]) == 1)
		count++;
	fclose(file);
	return count;
}

int main(int argc, char **argv)
{
	double x, height, power[8], distance, light, sum;
	const char *lamp = "", *wall = "", *out = "out.bin";
	float image[4][6];
	int slow, fast, turn, turns, i;
	FILE *file;

	for (i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "-lamp")) lamp = argv[i + 1];
		if (!strcmp(argv[i], "-wall")) wall = argv[i + 1];
		if (!strcmp(argv[i], "-out")) out = argv[i + 1];
	}
	turns = read_numbers(lamp) - 1;
	height = numbers[0];
	for (turn = 0; turn < turns; turn++)
		power[turn] = numbers[turn + 1];
	read_numbers(wall);

	for (slow = 0; slow < 4; slow++)
		for (fast = 0; fast < 6; fast++) {
			x = numbers[slow * 6 + fast];
			distance = sqrt(x * x + height * height);
			sum = 0;
			for (turn = 0; turn < turns; turn++) {
				light = power[turn] * height / pow(distance, 3);
				sum += light;
			}
			image[slow][fast] = sum;
			printf("%d %d %g\n", slow, fast, sum);
		}
	file = fopen(out, "wb");
	fwrite(image, sizeof image, 1, file);
	fclose(file);
	return 0;
}
