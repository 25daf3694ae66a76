/* Quirks: where the program departs from the spec. All are on unless -quirks says otherwise. */
#include <stdio.h>
#include <string.h>

#include "nanobragg.h"
#include "quantities.h"

/* One row drives the flag, the listing and the trace. */
static const struct {
	unsigned bit;
	const char *name, *deviation, *program, *spec;
} quirks[] = {
	{ QUIRK_PHI_CARRY_OVER, "phi_carry_over", "D04",
	  "at a spindle angle of exactly 0 the working cell keeps what the thread left in it",
	  "crystal.15: the reference cell is rotated at every step" },
};
enum { N_QUIRKS = sizeof quirks / sizeof quirks[0] };

static unsigned every_quirk(void)
{
	unsigned all = 0;
	for (size_t i = 0; i < N_QUIRKS; i++)
		all |= quirks[i].bit;
	return all;
}

static void print_quirks(FILE *stream)
{
	for (size_t i = 0; i < N_QUIRKS; i++)
		fprintf(stream, "  %s (%s)\n    program: %s\n    spec:    %s\n", quirks[i].name, quirks[i].deviation,
		        quirks[i].program, quirks[i].spec);
}

void list_quirks(void)
{
	printf("-quirks all|none|help or a list of these with + or -, as in none,+NAME or all,-NAME:\n");
	print_quirks(stdout);
}

static unsigned bit_of(const char *name, size_t length)
{
	for (size_t i = 0; i < N_QUIRKS; i++)
		if (strlen(quirks[i].name) == length && strncmp(quirks[i].name, name, length) == 0)
			return quirks[i].bit;
	fprintf(stderr, "nanobragg: no quirk `%.*s`; known are\n", (int)length, name);
	print_quirks(stderr);
	refuse("-quirks takes all, none, help, or a list such as none,+phi_carry_over");
}

static bool is_word(const char *item, size_t length, const char *word)
{
	return strlen(word) == length && strncmp(item, word, length) == 0;
}

/* Left to right from "all": `all`, `none`, `+name`, `-name`; a bare name counts as `+name`, and starts from none. */
unsigned quirks_from_list(const char *list)
{
	bool bare = *list && *list != '+' && *list != '-';
	unsigned on = bare ? 0 : every_quirk();
	for (const char *item = list; *item;) {
		size_t length = strcspn(item, ","), sign = *item == '+' || *item == '-';
		if (is_word(item, length, "all"))
			on = every_quirk();
		else if (is_word(item, length, "none"))
			on = 0;
		else if (*item == '-')
			on &= ~bit_of(item + sign, length - sign);
		else
			on |= bit_of(item + sign, length - sign);
		item += length + (item[length] == ',');
	}
	return on;
}

void trace_quirks(unsigned on)
{
	for (size_t i = 0; i < N_QUIRKS; i++)
		if (on & quirks[i].bit)
			CONFORM_QUIRK(quirks[i].name);
}
