#include <assert.h>
#include <stdint.h>

#include "resolve_zone.h"
#include "spf_header.h"
#include "spf_survey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* First line: "ip sender helo"; the rest is the zone. Evaluated and surveyed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view zone_text = view_of(data, size);
	struct view line = view_cut(&zone_text, '\n');
	struct spf_request request = { .receiver = VIEW("mx.example.net") };
	if (zone_text.p == NULL || !ip_parse(view_cut(&line, ' '), &request.ip) || line.p == NULL ||
	    view_find_case(zone_text, VIEW("$INCLUDE")) != SIZE_MAX)
		return 0;
	request.sender = view_cut(&line, ' ');
	request.helo = line.p != NULL ? line : view_none();
	struct env_fixed world = { .wall_us = 1, .mono_us = 1, .seed = 1 };
	struct env env = env_of_fixed(&world);
	struct arena arena = { 0 };
	struct resolve_zone *zone = resolve_zone_new(NULL);
	(void)(resolve_zone_load_text(zone, "fuzz", zone_text, NULL) == ERR_OK);
	struct spf_cache cache;
	spf_cache_init(&cache, &env);
	struct spf_context context = { .resolver = resolve_zone_resolver(zone), .env = &env, .cache = &cache };
	context.trace = true;
	struct spf_verdict verdict;
	spf_eval(&context, &arena, &request, &verdict);
	assert(verdict.lookups <= 11 && verdict.voids <= 3);
	BUF_AUTO struct buf text;
	buf_init(&text, 1 << 20);
	spf_received_write(&verdict, &request, &text);
	spf_authres_write(&verdict, &request, &text);
	assert(!view_has_ctl(buf_view(&text)) && !view_has_8bit(buf_view(&text)));
	struct spf_survey survey;
	spf_survey(&context, &arena, verdict.domain, &survey);
	assert(survey.lookups <= SPF_SURVEY_LOOKUPS);
	spf_cache_done(&cache);
	resolve_zone_close(&zone);
	arena_done(&arena);
	return 0;
}
