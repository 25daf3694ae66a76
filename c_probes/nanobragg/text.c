/* Lines of the text files, whatever they hold. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nanobragg.h"

/* The next line with its newline, if it has one, as a string; false at the end of the file. What no string can hold, or
   is longer than `size` has room for, is refused. */
bool read_line(FILE *file, const char *what, const char *path, int number, char *line, size_t size)
{
	size_t length = 0;
	int c = EOF;
	while (length < size - 1 && (c = getc(file)) != EOF) {
		if (c == '\0')
			refuse("%s: line %d holds a zero byte; %s are plain text", path, number, what);
		line[length++] = (char)c;
		if (c == '\n')
			break;
	}
	line[length] = '\0';
	if (ferror(file))
		refuse("cannot read the %s %s: %s", what, path, strerror(errno));
	if (length == size - 1 && c != '\n')
		refuse("%s: line %d has more than %zu characters", path, number, size - 2);
	return length > 0;
}
