#include "dkim_hint.h"

#include "dkim_hint_priv.h"

enum trial_kind {
	TRIAL_OTHER_FORM,
	TRIAL_FOOTER,
	TRIAL_UNSTUFF,
	TRIAL_STUFF,
	TRIAL_UNQUOTE,
	TRIAL_QUOTE,
	TRIAL_LF,
	TRIAL_KINDS
};

/* The body with one thing undone, hashed. */
struct trial {
	enum trial_kind kind;
	struct dkim_verdict *verdict;
	struct dkim_body body;
	struct crypto_digest digest, probe;
	uint64_t lines, fits_at; /* TRIAL_FOOTER: lines so far, and how many of them fitted */
	bool fits;
};

struct trials {
	struct trial at[DKIM_HINT_VERDICTS * TRIAL_KINDS];
	size_t n;
	struct buf line;
};

static void add(void *ctx, struct view canonical)
{
	struct trial *trial = ctx;
	if (trial->kind != TRIAL_LF) {
		crypto_digest_add(&trial->digest, canonical);
		return;
	}
	while (canonical.p != NULL)
		crypto_digest_add(&trial->digest, view_cut(&canonical, '\r'));
}

static void trial_init(struct trial *trial, enum trial_kind kind, struct dkim_verdict *verdict)
{
	enum dkim_canon form = verdict->signature.body;
	if (kind == TRIAL_OTHER_FORM)
		form = form == DKIM_SIMPLE ? DKIM_RELAXED : DKIM_SIMPLE;
	*trial = (struct trial){ .kind = kind, .verdict = verdict };
	crypto_digest_init(&trial->digest, dkim_alg_hash(verdict->signature.alg));
	dkim_body_init(&trial->body, form, add, trial);
}

static bool hash_fits(const struct trial *trial, struct crypto_digest *digest)
{
	struct crypto_hash hash = crypto_digest_final(digest);
	return crypto_equal(crypto_hash_view(&hash), trial->verdict->signature.body_hash);
}

/* Would the body fit if it ended behind this line? */
static void probe_footer(struct trial *trial)
{
	trial->lines++;
	if (trial->fits || trial->lines > DKIM_HINT_LINES)
		return;
	dkim_body_flush(&trial->body);
	if (!trial->body.any || trial->body.crlfs != 1)
		return;
	crypto_digest_copy(&trial->probe, &trial->digest);
	crypto_digest_add(&trial->probe, VIEW("\r\n"));
	trial->fits = hash_fits(trial, &trial->probe);
	trial->fits_at = trial->lines;
}

static void feed_line(struct trial *trial, struct view line)
{
	bool undot = trial->kind == TRIAL_UNSTUFF && view_starts(line, VIEW(".."));
	bool unquote = trial->kind == TRIAL_UNQUOTE && view_starts(line, VIEW(">From "));
	if (trial->kind == TRIAL_STUFF && view_at(line, 0) == '.')
		dkim_body_feed(&trial->body, VIEW("."));
	if (trial->kind == TRIAL_QUOTE && view_starts(line, VIEW("From ")))
		dkim_body_feed(&trial->body, VIEW(">"));
	dkim_body_feed(&trial->body, view_from(line, undot || unquote ? 1 : 0));
	if (trial->kind == TRIAL_FOOTER)
		probe_footer(trial);
}

static void feed(struct trials *trials, struct view line)
{
	for (size_t i = 0; i < trials->n; i++)
		feed_line(&trials->at[i], line);
}

/* Whole lines out of pieces; an endless line goes on in parts, which none of the trials can help. */
static void feed_piece(struct trials *trials, struct view piece)
{
	while (piece.n > 0) {
		size_t lf = view_find_byte(piece, '\n');
		struct view part = view_to(piece, lf == SIZE_MAX ? piece.n : lf + 1);
		piece = view_from(piece, part.n);
		if (trials->line.n == 0 && lf != SIZE_MAX) {
			feed(trials, part);
			continue;
		}
		part = view_to(part, trials->line.max - trials->line.n);
		buf_put(&trials->line, part);
		if (lf == SIZE_MAX && trials->line.n < trials->line.max)
			continue;
		feed(trials, buf_view(&trials->line));
		buf_reset(&trials->line);
	}
}

static const char *text_of(const struct trial *trial, struct arena *arena)
{
	const char *other = dkim_canon_name(trial->body.form);
	switch (trial->kind) {
	case TRIAL_OTHER_FORM:
		return arena_printf(
			arena, "the body fits with %s canonicalization: the signer said one and used the other", other);
	case TRIAL_FOOTER:
		return arena_printf(arena,
				    "the first %llu lines fit: %llu lines were appended, as mailing lists and "
				    "filters do with footers",
				    (unsigned long long)trial->fits_at,
				    (unsigned long long)(trial->lines - trial->fits_at));
	case TRIAL_UNSTUFF:
		return "the body fits when doubled dots at the start of lines are undone: it was saved as it was on "
		       "the wire";
	case TRIAL_STUFF:
		return "the body fits with dots doubled at the start of lines: the signer hashed it after dot stuffing";
	case TRIAL_UNQUOTE:
		return "the body fits when \">From \" becomes \"From \" again: a mailbox file or a server quoted it";
	case TRIAL_QUOTE:
		return "the body fits when \"From \" is quoted as \">From \": the signer hashed the quoted form";
	case TRIAL_LF:
		return "the body fits with LF at the end of lines: the signer did not hash CRLF";
	case TRIAL_KINDS:
		break;
	}
	return NULL;
}

static void conclude(struct trial *trial, struct arena *arena)
{
	dkim_body_end(&trial->body);
	if (trial->kind != TRIAL_FOOTER)
		trial->fits = hash_fits(trial, &trial->digest);
	if (trial->fits && trial->verdict->hint == NULL)
		trial->verdict->hint = text_of(trial, arena);
	crypto_digest_done(&trial->digest);
	crypto_digest_done(&trial->probe);
}

static enum err try_bodies(struct trials *trials, struct source *message, struct arena *arena, struct diag *diag)
{
	DKIM_INPUT_AUTO struct dkim_input input;
	dkim_input_init(&input);
	enum err err = dkim_input_open(&input, message, arena, diag);
	while (err == ERR_OK) {
		struct view piece;
		err = dkim_input_body(&input, &piece, diag);
		if (err != ERR_OK || piece.n == 0)
			break;
		feed_piece(trials, piece);
	}
	if (trials->line.n > 0)
		feed(trials, buf_view(&trials->line));
	for (size_t i = 0; i < trials->n; i++)
		conclude(&trials->at[i], arena);
	return err;
}

enum err dkim_hint_find(struct dkim_verify *verify, struct source *message, struct diag *diag)
{
	struct trials *trials = arena_new(verify->arena, struct trials);
	size_t verdicts = 0;
	buf_init(&trials->line, 4096);
	for (size_t i = 0; i < verify->n && verdicts < DKIM_HINT_VERDICTS; i++) {
		struct dkim_verdict *verdict = &verify->at[i];
		if (verdict->result != DKIM_FAIL)
			continue;
		verdicts++;
		if (verdict->header == DKIM_MATCH_NO)
			verdict->hint = dkim_hint_of_head(verify, verdict);
		for (int kind = 0; kind < TRIAL_KINDS && verdict->body == DKIM_MATCH_NO; kind++)
			trial_init(&trials->at[trials->n++], (enum trial_kind)kind, verdict);
	}
	enum err err = trials->n > 0 ? try_bodies(trials, message, verify->arena, diag) : ERR_OK;
	buf_done(&trials->line);
	return err;
}
