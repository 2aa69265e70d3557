#include "suppress_list.h"
#include "tap.h"

enum { NOW = 1795291200, DAY = 86400 };

static struct suppress_event event_of(const char *address, const struct suppress_rule *rule, int64_t at_s)
{
	return (struct suppress_event){ .address = view_str(address),
					.reason = VIEW("user_unknown"),
					.category = VIEW("invalid_address"),
					.source = VIEW("x.eml"),
					.at_s = at_s,
					.rule = rule };
}

static void policies(void)
{
	struct arena arena = { 0 };
	struct suppress_list list;
	suppress_list_init(&list, &arena, 1);
	struct suppress_policy policy = suppress_policy_default();
	struct suppress_event event = event_of("Ann@Example.org", &policy.hard, NOW);
	tap_case("hard suppresses at once, whatever the case of the letters");
	CHECK(suppress_list_add(&list, &policy, &event));
	CHECK(suppress_list_find(&list, VIEW("ann@example.ORG"), NOW) != NULL);
	CHECK(suppress_list_find(&list, VIEW("bob@example.org"), NOW) == NULL);
	CHECK(!suppress_list_add(&list, &policy, &event));
	tap_case("soft suppresses the fifth time within 30 days");
	for (int i = 0; i < 5; i++) {
		event = event_of("soft@example.org", &policy.soft, NOW + i * DAY);
		CHECK_INT(suppress_list_add(&list, &policy, &event), i == 4);
	}
	tap_case("events too far apart start anew");
	for (int i = 0; i < 8; i++) {
		event = event_of("rare@example.org", &policy.soft, NOW + (int64_t)i * 31 * DAY);
		CHECK(!suppress_list_add(&list, &policy, &event));
	}
	tap_case("an entry ends with its expiry");
	policy.expire_s = 90 * DAY;
	event = event_of("old@example.org", &policy.hard, NOW);
	CHECK(suppress_list_add(&list, &policy, &event));
	CHECK(suppress_list_find(&list, VIEW("old@example.org"), NOW + 89 * DAY) != NULL);
	CHECK(suppress_list_find(&list, VIEW("old@example.org"), NOW + 91 * DAY) == NULL);
	arena_done(&arena);
}

static void round_trip(void)
{
	tap_case("what is written reads back as the same");
	struct arena arena = { 0 };
	struct suppress_list list, again;
	suppress_list_init(&list, &arena, 1);
	struct diag diag = { .text = "" };
	CHECK_INT(suppress_list_parse(&list, VIEW("# by hand\nann@example.org\n@bad.example\r\n"), &diag), ERR_OK);
	struct suppress_policy policy = suppress_policy_default();
	struct suppress_event event = event_of("soft@example.org", &policy.soft, NOW);
	CHECK(!suppress_list_add(&list, &policy, &event));
	event = event_of("tab\there@example.org", &policy.hard, NOW);
	CHECK(!suppress_list_add(&list, &policy, &event));
	BUF_AUTO struct buf first, second;
	buf_init(&first, 10000);
	buf_init(&second, 10000);
	suppress_list_write(&list, NOW, &first);
	suppress_list_init(&again, &arena, 2);
	CHECK_INT(suppress_list_parse(&again, buf_view(&first), &diag), ERR_OK);
	suppress_list_write(&again, NOW, &second);
	CHECK_BYTES(buf_view(&second), buf_view(&first));
	CHECK(suppress_list_find(&again, VIEW("any@bad.example"), NOW) != NULL);
	CHECK(suppress_list_find(&again, VIEW("any@sub.bad.example"), NOW) == NULL);
	arena_done(&arena);
}

static void refusals(void)
{
	static const char *const bad[] = { "no address\n", "a@b\tsuppressed\tr\tc\tyesterday\n", "a@b\tmaybe\n",
					   "a@b\tsuppressed\tr\tc\t\t\tmany\n" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		tap_case("not a list: row %zu", i);
		struct arena arena = { 0 };
		struct suppress_list list;
		struct diag diag = { .text = "" };
		suppress_list_init(&list, &arena, 1);
		CHECK_INT(suppress_list_parse(&list, view_str(bad[i]), &diag), ERR_SYNTAX);
		CHECK_INT(diag.line, 1);
		arena_done(&arena);
	}
	static const char *const policies_bad[] = { "", "hard", "hard=x", "hard=1,,soft=2", "soft=5/never", "spam=1" };
	for (size_t i = 0; i < ARRAY_LEN(policies_bad); i++) {
		tap_case("no policy: '%s'", policies_bad[i]);
		struct suppress_policy policy = suppress_policy_default();
		struct diag diag = { .text = "" };
		CHECK_INT(suppress_policy_parse(view_str(policies_bad[i]), &policy, &diag), ERR_SYNTAX);
	}
	tap_case("a policy in full");
	struct suppress_policy policy = suppress_policy_default();
	CHECK_INT(suppress_policy_parse(VIEW("hard=2, soft=7/10d,complaint=0"), &policy, NULL), ERR_OK);
	CHECK_INT(policy.hard.count, 2);
	CHECK_INT(policy.soft.window_s, 10 * DAY);
	CHECK_INT(policy.complaint.count, 0);
}

int main(void)
{
	policies();
	round_trip();
	refusals();
	return tap_done();
}
