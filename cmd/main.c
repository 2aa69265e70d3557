#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("posthorn " POSTHORN_VERSION);
		return 0;
	}
	fputs("posthorn: no command given; see posthorn --help\n", stderr);
	return 64;
}
