/*
 * Runs one script against the session of the library: with octets in pieces of several sizes in both directions, then
 * once for each place where the connection could be lost, checking what must always be true then.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base_base64.h"
#include "script.h"
#include "smtp_session.h"
#include "tap.h"

enum { TURNS_MAX = 4000000 };

struct run {
	const struct script *script;
	struct arena arena;
	struct smtp_session session;
	struct smtp_session_opts opts;
	struct smtp_sasl_opts sasl;
	struct crypto_secret password, token;
	struct mailbox sender;
	struct mailbox *to;
	struct smtp_txn *txns;
	struct source_view *bodies;
	size_t read_chunk, write_chunk; /* 0: all */
	size_t lose_after;              /* octets of both sides, then the connection is lost; SIZE_MAX: never */
	size_t moved;
	size_t step, at; /* how far in the script */
	bool lost;
};

static enum err open_body(struct smtp_txn *txn, const struct smtp_ehlo *ehlo, struct smtp_body *body, struct diag *diag)
{
	(void)ehlo, (void)diag;
	struct run *run = txn->ctx;
	struct source_view *source = &run->bodies[txn - run->txns];
	source_view_init(source, run->script->message);
	*body = (struct smtp_body){ &source->source, run->script->message.n, run->script->eight_bit };
	return ERR_OK;
}

static void parse_mailbox(struct run *run, struct view text, struct mailbox *out)
{
	struct diag diag;
	if (msg_addr_parse(text, MSG_ADDR_EMPTY, &run->arena, out, &diag) != ERR_OK) {
		fprintf(stderr, "%s: %s\n", run->script->path, diag.text);
		exit(2);
	}
}

static unsigned notify_of(struct view words)
{
	unsigned flags = 0;
	while (words.p != NULL && words.n > 0) {
		struct view w = view_cut(&words, ',');
		flags |= view_is(w, "never")     ? SMTP_NOTIFY_NEVER
			 : view_is(w, "success") ? SMTP_NOTIFY_SUCCESS
			 : view_is(w, "failure") ? SMTP_NOTIFY_FAILURE
						 : SMTP_NOTIFY_DELAY;
	}
	return flags;
}

static enum smtp_stop stop_of(struct view word)
{
	static const char *const names[] = { "", "connect", "ehlo", "tls", "auth", "mail", "rcpt", "data" };
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (view_is(word, names[i]))
			return (enum smtp_stop)i;
	return SMTP_STOP_NEVER;
}

static void init_opts(struct run *run)
{
	const struct script *s = run->script;
	run->opts = (struct smtp_session_opts){
		.protocol = s->lmtp ? SMTP_PROTOCOL_LMTP : SMTP_PROTOCOL_SMTP,
		.ehlo = VIEW("client.example.net"),
		.tls = s->tls_require ? SMTP_TLS_REQUIRE
		       : s->tls_may   ? SMTP_TLS_MAY
				      : SMTP_TLS_NONE,
		.auth_in_clear = s->clear_auth,
		.xclient = s->xclient,
		.stop = stop_of(s->stop),
		.no_pipelining = s->no_pipelining,
		.no_chunking = s->no_chunking,
		.window = s->window,
		.rcpt_max = s->rcpt_max,
	};
	if (s->user.n == 0)
		return;
	run->opts.auth = &run->sasl;
	run->sasl = (struct smtp_sasl_opts){ .user = s->user, .host = VIEW("mx.example.net"), .port = 587 };
	if (s->password.n > 0) {
		crypto_secret_set(&run->password, s->password);
		run->sasl.password = &run->password;
	}
	if (s->token.n > 0) {
		crypto_secret_set(&run->token, s->token);
		run->sasl.token = &run->token;
	}
	for (struct view rest = s->mechs; rest.p != NULL && rest.n > 0;) {
		enum smtp_sasl_mech mech;
		if (smtp_sasl_mech_parse(view_cut(&rest, ','), &mech))
			run->sasl.forced |= 1U << mech;
	}
}

static void init_txns(struct run *run)
{
	const struct script *s = run->script;
	run->txns = arena_array(&run->arena, s->copies, sizeof *run->txns);
	run->bodies = arena_array(&run->arena, s->copies, sizeof *run->bodies);
	run->to = arena_array(&run->arena, s->rcpts.n, sizeof *run->to);
	parse_mailbox(run, s->sender, &run->sender);
	for (size_t i = 0; i < s->rcpts.n; i++)
		parse_mailbox(run, s->rcpts.at[i], &run->to[i]);
	for (size_t t = 0; t < s->copies; t++) {
		struct smtp_txn *txn = &run->txns[t];
		txn->sender = &run->sender;
		txn->n = s->rcpts.n;
		txn->rcpts = arena_array(&run->arena, txn->n, sizeof *txn->rcpts);
		for (size_t i = 0; i < txn->n; i++) {
			txn->rcpts[i].to = &run->to[i];
			txn->rcpts[i].notify = notify_of(s->notify);
			txn->rcpts[i].orcpt = s->notify.n > 0 ? &run->to[i] : NULL;
		}
		txn->utf8_head = s->utf8_head;
		txn->requiretls = s->requiretls;
		txn->ret = view_is(s->ret, "full")   ? SMTP_RET_FULL
			   : view_is(s->ret, "hdrs") ? SMTP_RET_HDRS
						     : SMTP_RET_NONE;
		txn->envid = s->envid;
		txn->arena = &run->arena;
		txn->ctx = run;
		txn->open = open_body;
	}
}

static void init_run(struct run *run, const struct script *script)
{
	run->script = script;
	run->arena = (struct arena){ 0 };
	run->sasl = (struct smtp_sasl_opts){ 0 };
	run->password = run->token = (struct crypto_secret){ 0 };
	run->moved = run->step = run->at = 0;
	run->lost = false;
	init_opts(run);
	init_txns(run);
	smtp_session_init(&run->session, &run->opts);
	for (size_t t = 0; t < script->copies; t++)
		smtp_session_send(&run->session, &run->txns[t]);
	smtp_session_finish(&run->session);
}

static void done_run(struct run *run)
{
	smtp_session_done(&run->session);
	crypto_secret_done(&run->password);
	crypto_secret_done(&run->token);
	arena_done(&run->arena);
}

static const struct step *now(const struct run *run)
{
	return run->step < run->script->steps.n ? &run->script->steps.at[run->step] : NULL;
}

static bool lose_now(struct run *run)
{
	if (run->moved < run->lose_after)
		return false;
	run->lost = true;
	smtp_session_lost(&run->session, SMTP_STAGE_DATA, ERR_TEMP, "connection lost");
	return true;
}

/* What the client sends must be what the script has, and nothing before its turn. */
static bool take_client(struct run *run, struct view out)
{
	const struct step *step = now(run);
	if (step == NULL || step->kind != STEP_CLIENT) {
		printf("# %s: the client sends unexpectedly: %.*s\n", run->script->path, VIEW_ARG(view_to(out, 200)));
		return tap_check(false, __FILE__, __LINE__, "client sends only in its turn");
	}
	size_t n = run->write_chunk != 0 && run->write_chunk < out.n ? run->write_chunk : out.n;
	if (run->lose_after - run->moved < n)
		n = run->lose_after - run->moved;
	if (step->partial && step->bytes.n - run->at < n)
		n = step->bytes.n - run->at;
	for (size_t i = 0; i < n;) {
		struct view want = view_from(step->bytes, run->at),
			    got = view_slice(out, i, want.n < n - i ? want.n : n - i);
		if (!view_eq(got, view_to(want, got.n))) {
			printf("# %s:%u\n", run->script->path, step->line);
			return tap_check_bytes(got.p, got.n, want.p, want.n, __FILE__, __LINE__, "client octets");
		}
		run->at += got.n;
		i += got.n;
		run->moved += got.n;
		if (run->at < step->bytes.n)
			continue;
		run->at = 0;
		run->step++;
		step = now(run);
		if (i < n && (step == NULL || step->kind != STEP_CLIENT)) {
			printf("# %s: more than the script has before its next reply: %.*s\n", run->script->path,
			       VIEW_ARG(view_slice(out, i, 200)));
			return tap_check(false, __FILE__, __LINE__, "client waits for the server");
		}
	}
	smtp_session_wrote(&run->session, n);
	return true;
}

static bool server_turn(struct run *run)
{
	const struct step *step = now(run);
	if (step == NULL) {
		printf("# %s: the script is at its end and the client still waits\n", run->script->path);
		return tap_check(false, __FILE__, __LINE__, "client ends with the script");
	}
	if (step->kind == STEP_CLOSE) {
		run->step++;
		run->lost = true;
		smtp_session_lost(&run->session, SMTP_STAGE_DATA, ERR_TEMP, "the server closed the connection");
		return true;
	}
	if (step->kind != STEP_SERVER && step->kind != STEP_EARLY) {
		printf("# %s:%u: the client is silent, the script expects: %.*s\n", run->script->path, step->line,
		       VIEW_ARG(step->bytes));
		return tap_check(false, __FILE__, __LINE__, "client speaks in its turn");
	}
	struct view left = view_from(step->bytes, run->at);
	size_t n = run->read_chunk != 0 && run->read_chunk < left.n ? run->read_chunk : left.n;
	if (run->lose_after - run->moved < n)
		n = run->lose_after - run->moved;
	/* An exact copy, so that a sanitizer sees what is read behind it. */
	char *copy = malloc(n + 1);
	memcpy(copy, left.p, n);
	smtp_session_feed(&run->session, view_of(copy, n));
	free(copy);
	run->at += n;
	run->moved += n;
	if (run->at == step->bytes.n) {
		run->at = 0;
		run->step++;
	}
	return true;
}

static bool turn(struct run *run, bool *closed)
{
	struct smtp_next next;
	smtp_session_next(&run->session, &next);
	*closed = next.want == SMTP_WANT_CLOSE;
	if (*closed || lose_now(run))
		return true;
	if (next.want == SMTP_WANT_TLS) {
		const struct step *step = now(run);
		if (step != NULL && step->kind == STEP_SERVER)
			return server_turn(run); /* in the clear, where TLS should begin */
		if (!CHECK(step != NULL && step->kind == STEP_TLS))
			return false;
		run->step++;
		smtp_session_tls_done(&run->session);
		return true;
	}
	const struct step *step = now(run);
	bool speaks = next.out.n > 0 && (step == NULL || (step->kind != STEP_EARLY && step->kind != STEP_CLOSE));
	if (speaks)
		return take_client(run, next.out);
	return server_turn(run);
}

static bool play(struct run *run)
{
	bool closed = false;
	for (size_t i = 0; i < TURNS_MAX && !closed; i++)
		if (!turn(run, &closed))
			return false;
	return CHECK(closed);
}

static const char *const statuses[] = { "not-attempted", "delivered", "deferred", "failed", "in-doubt" };

static void check_expected(struct run *run, const struct smtp_txn *txn, size_t first)
{
	for (size_t i = 0; i < txn->n; i++) {
		const struct smtp_rcpt *rcpt = &txn->rcpts[i];
		if (first + i >= run->script->expects.n)
			return;
		const struct expected *want = &run->script->expects.at[first + i];
		BUF_AUTO struct buf enhanced;
		buf_init(&enhanced, 64);
		smtp_enhanced_write(&rcpt->result.enhanced, &enhanced);
		bool ok = CHECK_VIEW(want->to, arena_printf(&run->arena, "%.*s", VIEW_ARG(run->script->rcpts.at[i])));
		ok = CHECK_STR(statuses[rcpt->result.status], arena_cstr(&run->arena, want->status)) && ok;
		ok = CHECK_INT(rcpt->result.code, want->code) && ok;
		ok = (want->enhanced.n == 0 || CHECK_BYTES(buf_view(&enhanced), want->enhanced)) && ok;
		if (!ok)
			printf("#   %.*s: %.*s\n", VIEW_ARG(want->to), VIEW_ARG(rcpt->result.reply));
	}
}

static void whole(const struct script *script, size_t read_chunk, size_t write_chunk)
{
	struct run run = { .read_chunk = read_chunk, .write_chunk = write_chunk, .lose_after = SIZE_MAX };
	init_run(&run, script);
	if (play(&run)) {
		const struct step *left = now(&run);
		if (left != NULL && (left->kind == STEP_CLIENT || left->kind == STEP_TLS)) {
			printf("# %s:%u: the client ended before this\n", script->path, left->line);
			CHECK(left == NULL);
		}
		for (size_t t = 0; t < script->copies; t++) {
			CHECK(run.txns[t].done);
			check_expected(&run, &run.txns[t], t * script->rcpts.n);
		}
	}
	done_run(&run);
}

/* Octets moved until the end of the script, and until the answer to the last message began. */
static size_t octets(const struct script *script)
{
	size_t n = 0;
	for (size_t i = 0; i < script->steps.n; i++)
		n += script->steps.at[i].bytes.n;
	return n;
}

/* True: the end of some message is within the first n octets of the script. */
static bool end_was_sent(const struct script *script, size_t n)
{
	for (size_t i = 0; i < script->steps.n; i++) {
		const struct step *step = &script->steps.at[i];
		if (step->kind == STEP_CLIENT && step->bytes.n <= n &&
		    (view_ends(step->bytes, VIEW("\r\n.\r\n")) || view_is(step->bytes, ".\r\n") ||
		     view_eq(step->bytes, script->message)))
			return true;
		if (step->kind == STEP_CLIENT && n > 0 && n < step->bytes.n && step->bytes.n - n < 3)
			return true; /* within the terminator */
		if (step->bytes.n > n)
			return false;
		n -= step->bytes.n;
	}
	return false;
}

/* Wherever the connection is lost, everybody has a result, and in doubt is only who can be. */
static void lose_everywhere(const struct script *script)
{
	size_t total = octets(script), by = total > 3000 ? total / 1500 : 1;
	for (size_t n = 0; n < total; n += by) {
		struct run run = { .read_chunk = 0, .write_chunk = 0, .lose_after = n };
		init_run(&run, script);
		if (!play(&run)) {
			printf("# lost after %zu octets\n", n);
			done_run(&run);
			return;
		}
		bool sent = end_was_sent(script, n);
		for (size_t t = 0; t < script->copies; t++) {
			bool ok = CHECK(run.txns[t].done);
			for (size_t i = 0; i < run.txns[t].n; i++) {
				const struct smtp_result *result = &run.txns[t].rcpts[i].result;
				ok = CHECK(result->status != SMTP_IN_DOUBT || sent) && ok;
				ok = CHECK(result->status != SMTP_DELIVERED || sent) && ok;
				ok = CHECK((result->status == SMTP_DELIVERED) == (result->err == ERR_OK) ||
					   run.session.stopped) &&
				     ok;
			}
			if (!ok)
				printf("# lost after %zu octets\n", n);
		}
		done_run(&run);
	}
}

int main(int argc, char **argv)
{
	struct arena arena = { 0 };
	for (int i = 1; i < argc; i++) {
		struct script script;
		script_read(argv[i], &arena, &script);
		if (script.never)
			continue;
		const char *title = arena_printf(&arena, "%.*s", VIEW_ARG(script.title));
		tap_case("%s", title);
		whole(&script, 0, 0);
		if (!script.whole_only) {
			tap_case("%s: replies octet by octet", title);
			whole(&script, 1, 0);
			tap_case("%s: writes octet by octet", title);
			whole(&script, 7, 1);
		}
		tap_case("%s: lost everywhere", title);
		lose_everywhere(&script);
		arena_reset(&arena);
	}
	arena_done(&arena);
	return tap_done();
}
