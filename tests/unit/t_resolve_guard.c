#include "resolve_guard.h"
#include "resolve_query.h"
#include "resolve_reply.h"
#include "tap.h"

/* Packets by hand: header, the question "a.b A IN" at 12, records from 21. */

#define HEAD(flags, qd, an, ns, ar) "\x12\x34" flags "\0" qd "\0" an "\0" ns "\0" ar
#define QUESTION "\1a\1b\0\0\1\0\1"
#define RR(owner, type, rdlength) owner "\0" type "\0\1\0\0\0\x3c\0" rdlength
#define ME "\xc0\x0c"
#define ANSWER "\x81\x80"

#define ROW(what, bytes, err, n)                                                                                       \
	{                                                                                                              \
		what, VIEW_INIT(bytes), err, n                                                                         \
	}

static const struct {
	const char *what;
	struct view bytes;
	enum err err;
	size_t n;
} walks[] = {
	ROW("no records", HEAD(ANSWER, "\1", "\0", "\0", "\0") QUESTION, ERR_OK, 0),
	ROW("one A", HEAD(ANSWER, "\1", "\1", "\0", "\0") QUESTION RR(ME, "\1", "\4") "\300\0\2\1", ERR_OK, 1),
	ROW("a header alone", HEAD(ANSWER, "\0", "\0", "\0", "\0"), ERR_OK, 0),
	ROW("eleven octets", "\x12\x34\x81\x80\0\0\0\0\0\0\0", ERR_SYNTAX, 0),
	ROW("nothing", "", ERR_SYNTAX, 0),
	ROW("a query", HEAD("\1\0", "\1", "\0", "\0", "\0") QUESTION, ERR_SYNTAX, 0),
	ROW("another opcode", HEAD("\xa8\0", "\1", "\0", "\0", "\0") QUESTION, ERR_SYNTAX, 0),
	ROW("two questions", HEAD(ANSWER, "\2", "\0", "\0", "\0") QUESTION QUESTION, ERR_SYNTAX, 0),
	ROW("a cut question", HEAD(ANSWER, "\1", "\0", "\0", "\0") "\1a\1b\0\0\1\0", ERR_SYNTAX, 0),
	ROW("a record less than announced",
	    HEAD(ANSWER, "\1", "\2", "\0", "\0") QUESTION RR(ME, "\1", "\4") "\300\0\2\1", ERR_SYNTAX, 0),
	ROW("a cut record head", HEAD(ANSWER, "\1", "\1", "\0", "\0") QUESTION ME "\0\1\0\1", ERR_SYNTAX, 0),
	ROW("a cut pointer", HEAD(ANSWER, "\1", "\1", "\0", "\0") QUESTION "\xc0", ERR_SYNTAX, 0),
	ROW("label type 01 (RFC 6891 5)",
	    HEAD(ANSWER, "\1", "\1", "\0", "\0") QUESTION RR("\x41", "\1", "\4") "\300\0\2\1", ERR_SYNTAX, 0),
	ROW("OPT in the additional section",
	    HEAD(ANSWER, "\1", "\0", "\0", "\1") QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0\0", ERR_OK, 0),
	ROW("two OPT (RFC 6891 6.1.1)",
	    HEAD(ANSWER, "\1", "\0", "\0", "\2") QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0\0\0\0\x29\x04\xd0\0\0\0\0\0\0",
	    ERR_SYNTAX, 0),
	ROW("OPT in the answer", HEAD(ANSWER, "\1", "\1", "\0", "\0") QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0\0",
	    ERR_SYNTAX, 0),
	ROW("an option that is cut",
	    HEAD(ANSWER, "\1", "\0", "\0", "\1") QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0\5\0\x0f\0\7\0", ERR_SYNTAX, 0),
	ROW("MX whose host ends early", HEAD(ANSWER, "\1", "\1", "\0", "\0") QUESTION RR(ME, "\17", "\5") "\0\12\0xx",
	    ERR_SYNTAX, 0),
	ROW("SRV", HEAD(ANSWER, "\1", "\1", "\0", "\0") QUESTION RR(ME, "\x21", "\x08") "\0\1\0\1\0\x19" ME, ERR_OK, 1),
	ROW("TXT whose string runs over its data",
	    HEAD(ANSWER, "\1", "\1", "\0", "\0") QUESTION RR(ME, "\x10", "\2") "\2ab", ERR_SYNTAX, 0),
	ROW("an unknown type is only bytes",
	    HEAD(ANSWER, "\1", "\1", "\0", "\0") QUESTION RR(ME, "\xfe", "\2") "\xc0\xff", ERR_OK, 1),
};

static void test_matches(void)
{
	struct arena arena;
	arena_init(&arena);
	uint8_t sent[RESOLVE_QUERY_MAX];
	struct dname name = dname_root();
	CHECK_INT(dname_parse(&arena, VIEW("Ab.tEst"), &name, NULL), ERR_OK);
	struct resolve_query query = { .name = name, .type = DNS_TXT, .id = 0x1234, .recurse = true, .edns = true };
	size_t n = resolve_query_write(&query, sent);
	struct view asked = view_of(sent, n);

	tap_case("the question as a packet (RFC 1035 4.1, RFC 6891 6.1.2)");
	CHECK_BYTES(asked, VIEW("\x12\x34\x01\x20\0\1\0\0\0\0\0\1\2Ab\4tEst\0\0\x10\0\1\0\0\x29\x04\xd0\0\0\0\0\0\0"));

	char reply[sizeof sent];
	memcpy(reply, sent, n);
	struct view got = view_of(reply, n);
	tap_case("a query is no reply");
	CHECK_INT(resolve_packet_match(got, asked), RESOLVE_MATCH_NO);
	reply[2] = (char)0x81;
	tap_case("the same question");
	CHECK_INT(resolve_packet_match(got, asked), RESOLVE_MATCH_YES);
	CHECK_INT(resolve_packet_id(got), 0x1234);
	tap_case("another case");
	reply[13] = 'a';
	CHECK_INT(resolve_packet_match(got, asked), RESOLVE_MATCH_CASE);
	tap_case("another letter");
	reply[13] = 'b';
	CHECK_INT(resolve_packet_match(got, asked), RESOLVE_MATCH_NO);
	tap_case("another type that differs like a letter's case");
	reply[13] = 'A';
	reply[22] = 0x30;
	CHECK_INT(resolve_packet_match(got, asked), RESOLVE_MATCH_NO);
	tap_case("cut in the question");
	CHECK_INT(resolve_packet_match(view_to(got, 20), asked), RESOLVE_MATCH_NO);
	tap_case("the header alone is only an error that old servers make");
	memset(reply + 4, 0, 8);
	reply[3] = 1;
	CHECK_INT(resolve_packet_match(view_to(got, 12), asked), RESOLVE_MATCH_BARE);
	reply[3] = 0;
	CHECK_INT(resolve_packet_match(view_to(got, 12), asked), RESOLVE_MATCH_NO);
	arena_done(&arena);
}

static void test_mixed(void)
{
	struct arena arena;
	arena_init(&arena);
	struct dname name = dname_root();
	char out[DNAME_MAX];
	uint8_t random[DNAME_MAX / 8 + 1];
	memset(random, 0xaa, sizeof random);
	tap_case("the case follows the bits, and nothing else changes");
	CHECK_INT(dname_parse(&arena, VIEW("example-1.TEST"), &name, NULL), ERR_OK);
	struct dname mixed = resolve_mix_case(name, random, out);
	CHECK(dname_eq(name, mixed));
	CHECK_STR(DNAME_SHOW(mixed), "ExAmPlE-1.TeSt");
	arena_done(&arena);
}

static void test_ede(void)
{
	struct resolve_packet packet;
	tap_case("extended error with its text (RFC 8914 2)");
	struct view bytes = VIEW(HEAD("\x81\x82", "\1", "\0", "\0", "\1") QUESTION
				 "\0\0\x29\x04\xd0\0\0\0\0\0\x09\0\x0f\0\5\0\6"
				 "abc");
	CHECK_INT(resolve_packet_walk(bytes, &packet, NULL), ERR_OK);
	CHECK_INT(packet.ede, 6);
	CHECK_VIEW(packet.ede_text, "abc");
	CHECK_INT(packet.rcode, 2);
	CHECK(packet.ra && packet.edns);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
		tap_case("walk: %s", walks[i].what);
		struct resolve_packet packet;
		CHECK_INT(resolve_packet_walk(walks[i].bytes, &packet, NULL), walks[i].err);
		if (walks[i].err == ERR_OK)
			CHECK_INT(packet.n, walks[i].n);
	}
	test_matches();
	test_mixed();
	test_ede();
	return tap_done();
}
