#include <stdint.h>

#include "bounce_classify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The rules and, behind the first NUL, a reply that they are asked about. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct view reply = view_of(data, size);
	struct view rules = view_cut(&reply, 0);
	struct bounce_ruleset set;
	struct bounce_classifier classifier;
	bounce_classifier_init(&classifier);
	struct bounce_verdict verdict;
	if (bounce_rules_parse(rules, "fuzz", &arena, &set, NULL) == ERR_OK &&
	    bounce_classifier_add(&classifier, &set, NULL) == ERR_OK)
		bounce_classify_reply(&classifier, reply.p == NULL ? view_none() : reply, view_none(), 0, &verdict);
	bounce_classifier_done(&classifier);
	arena_done(&arena);
	return 0;
}
