#include "script.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base_ascii.h"
#include "base_buf.h"
#include "base_file.h"
#include "base_num.h"

static const char default_message[] = "From: Ann <ann@example.net>\r\n"
				      "To: bob@example.net\r\n"
				      "Subject: dialog\r\n"
				      "Date: Sat, 21 Nov 2026 20:00:00 +0000\r\n"
				      "Message-ID: <dialog@example.net>\r\n"
				      "\r\n"
				      "first line\r\n"
				      ".starts with a dot\r\n"
				      ".\r\n"
				      "last line\r\n";

struct reader {
	struct script *script;
	struct arena *arena;
	unsigned line;
};

static void die(const struct reader *reader, const char *what)
{
	fprintf(stderr, "%s:%u: %s\n", reader->script->path, reader->line, what);
	exit(2);
}

/* \r \n \t \\ \xHH */
static struct view unescape(const struct reader *reader, struct view in)
{
	struct buf out;
	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] != '\\') {
			buf_byte(&out, in.p[i]);
			continue;
		}
		int c = view_at(in, ++i);
		if (c == 'x') {
			buf_byte(&out, ascii_hex_value(view_at(in, i + 1)) * 16 + ascii_hex_value(view_at(in, i + 2)));
			i += 2;
		} else {
			buf_byte(&out, c == 'r' ? '\r' : c == 'n' ? '\n' : c == 't' ? '\t' : c);
		}
	}
	struct view copy = arena_view(reader->arena, buf_view(&out));
	buf_done(&out);
	return copy;
}

static struct view stuffed(const struct reader *reader, struct view message)
{
	struct buf out;
	buf_init(&out, 1 << 22);
	struct view rest = message, line;
	while (view_next_line(&rest, &line)) {
		if (view_at(line, 0) == '.')
			buf_byte(&out, '.');
		buf_put(&out, line);
		buf_str(&out, "\r\n");
	}
	buf_str(&out, ".\r\n");
	struct view copy = arena_view(reader->arena, buf_view(&out));
	buf_done(&out);
	return copy;
}

/* A message of that many octets, lines of 78. */
static struct view long_message(const struct reader *reader, size_t n)
{
	char *p = arena_alloc(reader->arena, n);
	for (size_t i = 0; i < n; i++)
		p[i] = i % 80 == 78 ? '\r' : i % 80 == 79 ? '\n' : 'x';
	static const char head[] =
		"From: a@b.example\r\nDate: Sat, 21 Nov 2026 20:00:00 +0000\r\nMessage-ID: <long@example.net>\r\n\r\n";
	assert(n > 200);
	memcpy(p, head, sizeof head - 1);
	memcpy(p + n - 2, "\r\n", 2);
	return view_of(p, n);
}

static void add_step(struct reader *reader, enum step_kind kind, struct view bytes)
{
	*VEC_PUSH(&reader->script->steps, reader->arena) = (struct step){ kind, bytes, reader->line };
}

static struct view word(struct view *rest)
{
	*rest = view_trim(*rest);
	size_t space = view_find_byte(*rest, ' ');
	struct view w = view_to(*rest, space);
	*rest = space == SIZE_MAX ? view_none() : view_trim(view_from(*rest, space));
	return w;
}

static unsigned number(const struct reader *reader, struct view v)
{
	uint64_t n;
	if (!num_parse_uint(v, 100000000, &n))
		die(reader, "not a number");
	return (unsigned)n;
}

static void read_partial(struct reader *reader, struct view length)
{
	struct script *s = reader->script;
	add_step(reader, STEP_CLIENT, view_to(stuffed(reader, s->message), number(reader, length)));
	s->steps.at[s->steps.n - 1].partial = true;
}

static struct view with_crlf(const struct reader *reader, struct view line)
{
	return view_str(arena_printf(reader->arena, "%.*s\r\n", VIEW_ARG(line)));
}

static void read_flag(struct reader *reader, struct view name)
{
	struct script *s = reader->script;
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{ "lmtp", &s->lmtp },
		{ "tls-may", &s->tls_may },
		{ "tls-require", &s->tls_require },
		{ "requiretls", &s->requiretls },
		{ "utf8-head", &s->utf8_head },
		{ "eight-bit", &s->eight_bit },
		{ "clear-auth", &s->clear_auth },
		{ "no-pipelining", &s->no_pipelining },
		{ "no-chunking", &s->no_chunking },
	};
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (view_is(name, flags[i].name)) {
			*flags[i].flag = true;
			return;
		}
	die(reader, "no such flag");
}

static void read_expect(struct reader *reader, struct view value)
{
	struct expected *e = VEC_PUSH(&reader->script->expects, reader->arena);
	*e = (struct expected){ .to = word(&value) };
	e->status = word(&value);
	struct view code = word(&value);
	e->code = code.n == 0 ? 0 : number(reader, code);
	e->enhanced = word(&value);
}

static void read_setting(struct reader *reader, struct view key, struct view value)
{
	struct script *s = reader->script;
	const struct {
		const char *name;
		struct view *at;
	} texts[] = {
		{ "from", &s->sender },       { "notify", &s->notify },   { "ret", &s->ret },
		{ "envid", &s->envid },       { "xclient", &s->xclient }, { "user", &s->user },
		{ "password", &s->password }, { "token", &s->token },     { "mechs", &s->mechs },
		{ "stop", &s->stop },
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (view_is(key, texts[i].name)) {
			*texts[i].at = value;
			return;
		}
	if (view_is(key, "unit"))
		s->never = view_is(value, "never");
	else if (view_is(key, "split"))
		s->whole_only = true;
	else if (view_is(key, "rcpt"))
		*VEC_PUSH(&s->rcpts, reader->arena) = value;
	else if (view_is(key, "message"))
		s->message = unescape(reader, value);
	else if (view_is(key, "octets"))
		s->message = long_message(reader, number(reader, value));
	else if (view_is(key, "flag"))
		read_flag(reader, value);
	else if (view_is(key, "expect"))
		read_expect(reader, value);
	else if (view_is(key, "copies"))
		s->copies = number(reader, value);
	else if (view_is(key, "window"))
		s->window = number(reader, value);
	else if (view_is(key, "rcpt-max"))
		s->rcpt_max = number(reader, value);
	else if (!view_is(key, "exit") && !view_is(key, "args") && !view_is(key, "stderr"))
		die(reader, "no such setting");
}

static void read_line(struct reader *reader, struct view line)
{
	struct script *s = reader->script;
	if (view_starts(line, VIEW("S: ")))
		add_step(reader, STEP_SERVER, with_crlf(reader, view_from(line, 3)));
	else if (view_starts(line, VIEW("S+ ")))
		add_step(reader, STEP_SERVER, unescape(reader, view_from(line, 3)));
	else if (view_starts(line, VIEW("S! ")))
		add_step(reader, STEP_EARLY, with_crlf(reader, view_from(line, 3)));
	else if (view_starts(line, VIEW("C~ ")))
		read_partial(reader, view_from(line, 3));
	else if (view_starts(line, VIEW("C: ")))
		add_step(reader, STEP_CLIENT, with_crlf(reader, view_from(line, 3)));
	else if (view_is(line, "C."))
		add_step(reader, STEP_CLIENT, stuffed(reader, s->message));
	else if (view_is(line, "C*"))
		add_step(reader, STEP_CLIENT, s->message);
	else if (view_is(line, "TLS"))
		add_step(reader, STEP_TLS, view_none());
	else if (view_is(line, "CLOSE"))
		add_step(reader, STEP_CLOSE, view_none());
	else {
		size_t colon = view_find_byte(line, ':');
		if (colon == SIZE_MAX)
			die(reader, "neither a setting nor a step");
		read_setting(reader, view_to(line, colon), view_trim(view_from(line, colon + 1)));
	}
}

void script_read(const char *path, struct arena *arena, struct script *out)
{
	*out = (struct script){
		.path = path, .sender = VIEW("ann@example.net"), .message = view_str(default_message), .copies = 1
	};
	struct reader reader = { out, arena, 0 };
	struct buf text;
	struct diag diag;
	buf_init(&text, 1 << 20);
	if (file_read(path, &text, &diag) != ERR_OK)
		die(&reader, diag.text);
	struct view rest = arena_view(arena, buf_view(&text)), line;
	buf_done(&text);
	while (view_next_line(&rest, &line)) {
		reader.line++;
		if (view_at(line, 0) == '#') {
			if (out->title.n == 0)
				out->title = view_trim(view_from(line, 1));
			continue;
		}
		if (view_trim(line).n > 0)
			read_line(&reader, line);
	}
	if (out->rcpts.n == 0)
		*VEC_PUSH(&out->rcpts, arena) = VIEW("bob@example.net");
}
