/*
 * Runs a libFuzzer target over the files of the directories given: each as it is, cut at up to 64 places, and with up
 * to 256 deterministic single-octet changes. So every corpus is a test of the ordinary suite.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MAX = 1 << 20, CUTS = 64, CHANGES = 256 };

/* An exact copy on the heap each time, so that a sanitizer sees the first octet past the end. */
static void run_copy(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size == 0 ? 1 : size);
	if (copy == NULL)
		abort();
	if (size > 0)
		memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void run_variants(uint8_t *data, size_t size)
{
	run_copy(data, size);
	for (size_t i = 0; i < CUTS && i < size; i++)
		run_copy(data, size * i / (size < CUTS ? size : CUTS));
	uint32_t seed = 2463534242U;
	for (size_t i = 0; i < CHANGES && size > 0; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 17;
		seed ^= seed << 5;
		size_t at = seed % size;
		uint8_t was = data[at];
		static const uint8_t odd[] = { 0, '\r', '\n', ' ', ';', ':', '"', 0xff, '.', '<' };
		data[at] = i % 2 == 0 ? odd[(seed >> 16) % sizeof odd] : (uint8_t)(was ^ 1U << (seed >> 16) % 8);
		run_copy(data, size);
		data[at] = was;
	}
}

static int run_file(const char *path)
{
	static uint8_t data[FILE_MAX];
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return 0;
	size_t size = fread(data, 1, sizeof data, file);
	(void)fclose(file);
	run_variants(data, size);
	return 1;
}

int main(int argc, char **argv)
{
	int files = 0;
	run_copy((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		if (dir == NULL) {
			files += run_file(argv[i]);
			continue;
		}
		for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
			char path[4096];
			int n = snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
			if (entry->d_name[0] != '.' && n > 0 && (size_t)n < sizeof path)
				files += run_file(path);
		}
		(void)closedir(dir);
	}
	printf("%d files replayed\n", files);
	return files > 0 ? 0 : 1;
}
