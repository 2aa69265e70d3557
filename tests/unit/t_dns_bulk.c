#include "dns_bulk.h"
#include "dns_table.h"
#include "tap.h"

/* A resolver over a table that answers nothing before it is waited for, and then everything at once. */
struct slow {
	struct dns_resolver resolver;
	struct dns_table table;
	struct {
		struct dns_question question;
		struct dns_ask *ask;
	} queue[512];
	size_t n, at;
	unsigned asked, waits;
};

static struct arena arena;
static struct slow slow;

static void slow_ask(struct dns_resolver *resolver, const struct dns_question *question, struct dns_ask *ask)
{
	(void)resolver;
	slow.asked++;
	ask->pending = &slow;
	slow.queue[slow.n].question = *question;
	slow.queue[slow.n].question.name = dname_copy(&arena, question->name);
	slow.queue[slow.n++].ask = ask;
}

static void slow_cancel(struct dns_resolver *resolver, struct dns_ask *ask)
{
	(void)resolver;
	for (size_t i = 0; i < slow.n; i++)
		if (slow.queue[i].ask == ask)
			slow.queue[i].ask = NULL;
}

static bool slow_wait(struct dns_resolver *resolver)
{
	(void)resolver;
	size_t until = slow.n;
	bool some = false;
	slow.waits++;
	for (; slow.at < until; slow.at++) {
		struct dns_ask *ask = slow.queue[slow.at].ask;
		if (ask == NULL)
			continue;
		ask->pending = NULL;
		slow.queue[slow.at].ask = NULL;
		dns_ask(&slow.table.resolver, slow.queue[slow.at].question, ask);
		some = true;
	}
	return some;
}

static void slow_open(void)
{
	static const struct dns_ops ops = { .ask = slow_ask, .cancel = slow_cancel, .wait = slow_wait };
	struct diag diag = { .text = "" };
	slow = (struct slow){ .resolver.ops = &ops };
	dns_table_init(&slow.table, &arena, NULL);
	CHECK_INT(dns_table_load(
			  &slow.table,
			  VIEW("c1.test CNAME c2.test\nc2.test A 192.0.2.2\n"
			       "0.test MX 10 1.test\n1.test MX 10 2.test\n2.test MX 10 3.test\n3.test A 192.0.2.3\n"
			       "bad.test *!timeout\n"),
			  &diag),
		  ERR_OK);
	CHECK_STR(diag.text, "");
}

/* Follows MX after MX to an address: as many round trips as there are steps. */
struct walk {
	struct dns_task task;
	const char *from;
	char result[64];
	enum dns_status status;
	unsigned runs, overs;
};

static void walk_run(struct dns_task *task, struct dns_resolver *resolver, struct arena *scratch)
{
	struct walk *walk = (struct walk *)(void *)task;
	struct dname name = dname_root();
	struct dns_answer answer;
	walk->runs++;
	walk->result[0] = '\0';
	(void)(dname_parse(scratch, view_str(walk->from), &name, NULL) == ERR_OK);
	for (int i = 0; i < 10; i++) {
		walk->status = dns_query(resolver, scratch, dns_question_of(name, DNS_MX), &answer);
		if (walk->status != DNS_OK)
			break;
		name = answer.rr[0].mx.host;
	}
	if (walk->status != DNS_NODATA)
		return;
	walk->status = dns_query(resolver, scratch, dns_question_of(name, DNS_A), &answer);
	if (walk->status == DNS_OK)
		memcpy(walk->result, IP_SHOW(&answer.rr[0].ip), IP_TEXT_MAX);
}

static void walk_over(struct dns_task *task) { ((struct walk *)(void *)task)->overs++; }

static void test_rounds(void)
{
	tap_case("as many rounds as a task has steps, however many tasks");
	static struct walk walks[50];
	slow_open();
	struct dns_bulk *bulk = dns_bulk_open(&slow.resolver, 50);
	for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
		walks[i] = (struct walk){ .task = { .run = walk_run, .over = walk_over }, .from = "0.test" };
		dns_bulk_start(bulk, &walks[i].task);
	}
	CHECK_INT(dns_bulk_running(bulk), 50);
	dns_bulk_finish(bulk);
	for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
		CHECK_INT(walks[i].overs, 1);
		CHECK_INT(walks[i].runs, 6);
		CHECK_STR(walks[i].result, "192.0.2.3");
	}
	CHECK_INT(slow.waits, 5);
	CHECK_INT(slow.asked, 250);
	dns_bulk_close(&bulk);
}

static void test_bounded(void)
{
	tap_case("no more than tasks_max under way");
	static struct walk walks[20];
	slow_open();
	struct dns_bulk *bulk = dns_bulk_open(&slow.resolver, 3);
	for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
		walks[i] = (struct walk){ .task = { .run = walk_run, .over = walk_over }, .from = "2.test" };
		dns_bulk_start(bulk, &walks[i].task);
		CHECK(dns_bulk_running(bulk) <= 3);
	}
	dns_bulk_finish(bulk);
	for (size_t i = 0; i < ARRAY_LEN(walks); i++)
		CHECK(walks[i].overs == 1 && walks[i].status == DNS_OK);
	dns_bulk_close(&bulk);
}

static void test_ends(void)
{
	tap_case("a real temporary failure is a result");
	struct walk walk = { .task = { .run = walk_run, .over = walk_over }, .from = "bad.test" };
	slow_open();
	struct dns_bulk *bulk = dns_bulk_open(&slow.resolver, 1);
	dns_bulk_start(bulk, &walk.task);
	dns_bulk_finish(bulk);
	CHECK_INT(walk.status, DNS_TEMP);
	CHECK_INT(walk.runs, 2);

	tap_case("answers that are there at once need one run");
	dns_bulk_close(&bulk);
	walk.runs = 0;
	walk.from = "0.test";
	bulk = dns_bulk_open(&slow.table.resolver, 1);
	dns_bulk_start(bulk, &walk.task);
	CHECK_INT(dns_bulk_running(bulk), 0);
	CHECK_INT(walk.runs, 1);
	CHECK_STR(walk.result, "192.0.2.3");

	tap_case("closing with tasks under way");
	dns_bulk_close(&bulk);
	walk.overs = 0;
	bulk = dns_bulk_open(&slow.resolver, 2);
	dns_bulk_start(bulk, &walk.task);
	dns_bulk_close(&bulk);
	CHECK_INT(walk.overs, 0);
	CHECK(!slow_wait(NULL));
}

int main(void)
{
	arena_init(&arena);
	test_rounds();
	test_bounded();
	test_ends();
	arena_done(&arena);
	return tap_done();
}
