#include <stdlib.h>

#include "base_stream.h"
#include "rua_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t sum;

/* The numbers of a report agree with its records. */
static void on_report(struct rua_sink *sink, struct rua_report *report)
{
	uint64_t messages = 0, pass = 0;
	(void)sink;
	for (size_t i = 0; i < report->records.n; i++) {
		messages += report->records.at[i].count;
		pass += rua_record_passes(&report->records.at[i]) ? report->records.at[i].count : 0;
	}
	if (report->kind == RUA_AGGREGATE &&
	    (messages != report->messages || pass != report->pass || pass + report->fail != messages))
		abort();
	sum += messages + report->where.n;
}

static void on_problem(struct rua_sink *sink, struct view where, enum err err, const struct diag *diag)
{
	(void)sink;
	if (err == ERR_OK || err == ERR_BUG || diag->text[0] == '\0')
		abort();
	sum += where.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rua_sink sink = { on_report, on_problem };
	struct rua_reader *reader = rua_reader_open(&sink);
	struct source_view source;
	for (int again = 0; again < 2; again++) { /* a reader is used again whatever it met */
		source_view_init(&source, view_of(data, size));
		if (rua_read(reader, "f", &source.source, NULL) != ERR_OK)
			abort();
	}
	rua_reader_close(&reader);
	return 0;
}
