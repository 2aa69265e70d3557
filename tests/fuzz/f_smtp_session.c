/*
 * A whole session against a server that says anything. The first three octets are options, size of reads, size of
 * writes. Whatever it says: we send no lone CR or LF, we end, everybody has a result, and who is delivered had a 250.
 */
#include <stdint.h>
#include <stdlib.h>

#include "smtp_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	LMTP = 1,
	TLS = 2,
	AUTH = 4,
	NO_PIPELINING = 8,
	NO_CHUNKING = 16,
	TWO = 32,
	REQUIRE = 64,
	STOP = 128,
	RCPTS = 3
};

static const char message[] = "From: a@b.net\r\n\r\n.\r\n.dots\r\n";
static struct source_view body;

static enum err open_body(struct smtp_txn *txn, const struct smtp_ehlo *ehlo, struct smtp_body *out, struct diag *diag)
{
	(void)txn, (void)ehlo, (void)diag;
	source_view_init(&body, view_of(message, sizeof message - 1));
	*out = (struct smtp_body){ &body.source, sizeof message - 1, false };
	return ERR_OK;
}

static void check_lines(struct view out, bool *after_cr)
{
	for (size_t i = 0; i < out.n; i++) {
		if (*after_cr != (out.p[i] == '\n'))
			abort();
		*after_cr = out.p[i] == '\r';
	}
}

static void talk(struct smtp_session *session, struct view in, size_t reads, size_t writes)
{
	bool after_cr = false;
	for (unsigned turn = 0; turn < 100000; turn++) {
		struct smtp_next next;
		smtp_session_next(session, &next);
		if (next.want == SMTP_WANT_CLOSE)
			return;
		if (next.want == SMTP_WANT_TLS)
			smtp_session_tls_done(session);
		struct view out = view_to(next.out, writes);
		if (next.want != SMTP_WANT_TLS && out.n > 0) {
			check_lines(out, &after_cr);
			smtp_session_wrote(session, out.n);
			continue;
		}
		if (in.n == 0)
			smtp_session_lost(session, SMTP_STAGE_DATA, ERR_TEMP, "lost");
		smtp_session_feed(session, view_to(in, reads));
		in = view_from(in, reads);
	}
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	unsigned flags = data[0];
	struct crypto_secret password = { 0 };
	crypto_secret_set(&password, VIEW("x"));
	struct smtp_sasl_opts sasl = { .user = VIEW("u"), .password = &password };
	struct smtp_session_opts opts = {
		.protocol = (flags & LMTP) != 0 ? SMTP_PROTOCOL_LMTP : SMTP_PROTOCOL_SMTP,
		.ehlo = VIEW("c.example"),
		.tls = (flags & REQUIRE) != 0 ? SMTP_TLS_REQUIRE
		       : (flags & TLS) != 0   ? SMTP_TLS_MAY
					      : SMTP_TLS_NONE,
		.auth = (flags & AUTH) != 0 ? &sasl : NULL,
		.auth_in_clear = true,
		.stop = (flags & STOP) != 0 ? (enum smtp_stop)(data[1] % 8) : SMTP_STOP_NEVER,
		.no_pipelining = (flags & NO_PIPELINING) != 0,
		.no_chunking = (flags & NO_CHUNKING) != 0,
	};
	struct arena arena = { 0 };
	struct mailbox box = { .kind = MAILBOX_FULL, .local = VIEW("a"), .domain = VIEW("b.net") };
	struct smtp_rcpt rcpts[2][RCPTS] = { { { .to = &box }, { .to = &box }, { .to = &box } },
					     { { .to = &box }, { .to = &box }, { .to = &box } } };
	struct smtp_txn txns[2];
	struct smtp_session session;
	smtp_session_init(&session, &opts);
	unsigned n = (flags & TWO) != 0 ? 2 : 1;
	for (unsigned i = 0; i < n; i++) {
		txns[i] = (struct smtp_txn){
			.sender = &box, .rcpts = rcpts[i], .n = RCPTS, .arena = &arena, .open = open_body
		};
		smtp_session_send(&session, &txns[i]);
	}
	smtp_session_finish(&session);
	talk(&session, view_of(data + 3, size - 3), 1 + data[1] % 64, 1 + data[2]);
	for (unsigned i = 0; i < n; i++)
		for (size_t r = 0; r < RCPTS; r++)
			if (!txns[i].done ||
			    (rcpts[i][r].result.status == SMTP_DELIVERED && rcpts[i][r].result.code / 100 != 2))
				abort();
	smtp_session_done(&session);
	crypto_secret_done(&password);
	arena_done(&arena);
	return 0;
}
