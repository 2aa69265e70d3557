#include <stdint.h>

#include "bounce_events.h"
#include "bounce_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bounce_classifier classifier;
	if (classifier.set_count == 0)
		bounce_classifier_init(&classifier);
	struct arena arena = { 0 };
	struct bounce_report report;
	struct view in = view_of(data, size);
	size_t used;
	bounce_parse_message(&classifier, in, &arena, &report);
	if (bounce_is_events(in) && bounce_parse_events(&classifier, in, &arena, &report, &used, NULL) != ERR_OK)
		used = 0;
	arena_done(&arena);
	return 0;
}
