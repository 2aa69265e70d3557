#include <stdint.h>

#include "resolve_zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A zone file from anywhere, then a question for the first owner and one below it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = view_of(data, size);
	if (view_find_case(text, VIEW("$INCLUDE")) != SIZE_MAX)
		return 0;
	struct arena arena = { 0 };
	struct resolve_zone *zone = resolve_zone_new(NULL);
	struct diag why;
	(void)(resolve_zone_load_text(zone, "fuzz", text, &why) == ERR_OK);
	size_t n;
	struct resolve_zone_record *const *records = resolve_zone_records(zone, &n);
	static const uint16_t types[] = { DNS_TXT, DNS_A, DNS_NS };
	for (size_t i = 0; i < n && i < 8; i++) {
		struct dname below = records[i]->owner;
		(void)(dname_prepend(&arena, VIEW("x.y"), records[i]->owner, &below, NULL) == ERR_OK);
		struct dns_answer answer;
		(void)(dns_query(resolve_zone_resolver(zone), &arena, dns_question_of(records[i]->owner, types[i % 3]),
				 &answer) == DNS_OK);
		(void)(dns_query(resolve_zone_resolver(zone), &arena, dns_question_of(below, types[i % 3]), &answer) ==
		       DNS_OK);
	}
	resolve_zone_close(&zone);
	arena_done(&arena);
	return 0;
}
