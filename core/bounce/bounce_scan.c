/*
 * Reports in plain words: which addresses they are about and what is said of each. One engine for all mailers; the
 * places are tried from the surest to the weakest.
 */
#include "base_ascii.h"
#include "bounce_format_priv.h"

enum { SCAN_LINES_MAX = 4000, SCAN_TALK_LINES = 24, SCAN_TALK_MAX = 2000 };

struct scan {
	struct bounce_reader *reader;
	struct {
		struct view *at;
		size_t n, cap;
	} lines;
	enum bounce_type type;
	const struct bounce_format *format;
	struct bounce_marked marked; /* large, and filled before it is read */
};

static void split_lines(struct scan *scan)
{
	struct view rest = scan->reader->text, line;
	int eol = msg_line_end(rest);
	while (scan->lines.n < SCAN_LINES_MAX && msg_line_next(&rest, eol, &line))
		*VEC_PUSH(&scan->lines, scan->reader->arena) = line;
}

static bool is_known(const struct scan *scan, struct view address)
{
	for (size_t i = 0; i < scan->reader->out->records.n; i++)
		if (view_eq_case(scan->reader->out->records.at[i].recipient, address))
			return true;
	return false;
}

static bool is_system_address(const struct scan *scan, struct view address)
{
	return view_eq_case(address, bounce_find_address(scan->reader->from)) ||
	       view_starts_case(address, VIEW("mailer-daemon@"));
}

/* The mail system itself, and the person who gets the report. */
static bool is_ours(const struct scan *scan, struct view address)
{
	return is_system_address(scan, address) ||
	       view_eq_case(address, bounce_find_address(bounce_field(scan->reader, "To"))) ||
	       view_eq_case(address, scan->reader->out->sender);
}

static struct bounce_record *add(struct scan *scan, struct view address)
{
	if (address.n == 0 || is_known(scan, address))
		return NULL;
	struct bounce_record *record = bounce_add(scan->reader, scan->type, address);
	if (record != NULL)
		record->action = scan->type == BOUNCE_TYPE_DELAY ? VIEW("delayed") : VIEW("failed");
	return record;
}

/*
 * A line that starts with an address: "<a@b>:", "a@b... User unknown", "    a@b". *rest is what follows it on the line.
 */
static struct view leading_address(struct view line, struct view *rest)
{
	struct view t = view_trim(line);
	while (t.n > 0 && strchr("*-\"'>", view_at(t, 0)) != NULL)
		t = view_trim(view_from(t, 1));
	if (view_starts_case(t, VIEW("smtp:")) || view_starts_case(t, VIEW("mailto:")))
		t = view_from(t, view_find_byte(t, ':') + 1);
	struct view found = bounce_find_address(view_to(t, 400));
	if (found.n == 0)
		return found;
	size_t start = (size_t)(found.p - t.p);
	bool at_start = start == 0 || (start == 1 && strchr("<(\"'[", view_at(t, 0)) != NULL);
	if (!at_start)
		return view_none();
	*rest = view_from(t, start + found.n);
	while (rest->n > 0 && strchr(">)\"']", view_at(*rest, 0)) != NULL)
		*rest = view_from(*rest, 1);
	return found;
}

/* What may follow the address when the line is about it. */
static bool is_about(struct view line, struct view rest)
{
	struct view t = view_trim(rest);
	if (t.n == 0)
		return true;
	if (view_at(rest, 0) == ':' || view_starts(rest, VIEW("...")) || view_at(t, 0) == '(' || view_at(t, 0) == '-' ||
	    view_at(rest, 0) == ',' || view_at(rest, 0) == ';' || view_at(t, 0) == '[' || view_at(t, 0) == '<')
		return true;
	return ascii_is_wsp(view_at(line, 0)) || ascii_is_digit(view_at(t, 0)) ||
	       view_find_case(t, VIEW("unknown")) != SIZE_MAX || view_find_case(t, VIEW("fail")) != SIZE_MAX ||
	       view_find_case(t, VIEW(" not ")) != SIZE_MAX || view_find_case(t, VIEW("error")) != SIZE_MAX ||
	       view_starts_case(t, VIEW("on "));
}

static struct view about_address(struct view line, struct view *rest)
{
	struct view found = leading_address(line, rest);
	return found.n > 0 && is_about(line, *rest) ? found : view_none();
}

/* The words that go with line i: what is behind the address, then the lines below up to the next address or a gap. */
static struct view talk_after(const struct scan *scan, size_t i, struct view address, struct view rest)
{
	BUF_AUTO struct buf talk;
	buf_init(&talk, SCAN_TALK_MAX);
	while (rest.n > 0 && strchr(":,;.- \t", view_at(rest, 0)) != NULL)
		rest = view_from(rest, 1);
	buf_put(&talk, view_trim(rest));
	for (size_t n = 1; n <= SCAN_TALK_LINES && i + n < scan->lines.n; n++) {
		struct view line = view_trim(scan->lines.at[i + n]), ignored;
		if (line.n == 0 && talk.n > 0)
			break;
		if (line.n == 0)
			continue;
		struct view other = about_address(scan->lines.at[i + n], &ignored);
		if (other.n > 0 && !view_eq_case(other, address) && !is_system_address(scan, other))
			break;
		if (talk.n > 0)
			buf_byte(&talk, ' ');
		buf_put(&talk, line);
	}
	return arena_view(scan->reader->arena, buf_view(&talk));
}

static void scan_lines_for(struct scan *scan, bool (*skip)(const struct scan *scan, struct view address))
{
	for (size_t i = 0; i < scan->lines.n; i++) {
		struct view rest, found = about_address(scan->lines.at[i], &rest);
		if (found.n == 0 || skip(scan, found))
			continue;
		struct bounce_record *record = add(scan, found);
		if (record != NULL)
			record->diagnostic = talk_after(scan, i, found, rest);
	}
}

/* 1: lines of their own; somebody may well have written to himself. */
static void scan_lines(struct scan *scan)
{
	scan_lines_for(scan, is_ours);
	if (scan->reader->out->records.n == 0)
		scan_lines_for(scan, is_system_address);
}

/* 2: the dialogue with the other host: ">>> RCPT To:<a@b>" and "<<< 550 ...", or "550 <a@b>... no". */
static void scan_transcript(struct scan *scan)
{
	for (size_t i = 0; i < scan->lines.n; i++) {
		struct view line = view_trim(scan->lines.at[i]);
		bool rcpt = view_find_case(line, VIEW("rcpt to")) != SIZE_MAX;
		bool reply = line.n > 4 && (view_at(line, 0) == '5' || view_at(line, 0) == '4') &&
			     ascii_is_digit(view_at(line, 1)) && ascii_is_digit(view_at(line, 2)) &&
			     (view_at(line, 3) == ' ' || view_at(line, 3) == '-');
		struct view found = rcpt || reply ? bounce_find_address(line) : view_none();
		if (found.n == 0 || is_ours(scan, found))
			continue;
		struct bounce_record *record = add(scan, found);
		if (record != NULL)
			record->diagnostic = rcpt ? talk_after(scan, i, found, view_none()) : line;
	}
}

/* 3: sentences: "There was an error delivering your mail to <a@b>." */
static bool is_keyword_line(struct view line)
{
	static const char *const words[] = { "deliver",  "recipient",    "to the following",
					     "to:",      "sent to",      "message to",
					     "mail to",  "user",         "mailbox",
					     "address",  "reach",        "could not be",
					     "unknown",  "failed",       "for <",
					     "no such",  "rejected",     "undeliverable",
					     "account",  "e-mail to",    "email to",
					     "intended", "mailing list", "message-id in" };
	static const char *const never[] = { "message-id", "in-reply-to", "from:",       "contact",
					     "mailto:",    "help",        "abuse@",      "support",
					     "reply-to",   "sender:",     "references:", "return-path" };
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		if (view_find_case(line, view_str(never[i])) != SIZE_MAX)
			return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (view_find_case(line, view_str(words[i])) != SIZE_MAX)
			return true;
	return false;
}

static void scan_sentences(struct scan *scan)
{
	for (size_t i = 0; i < scan->lines.n; i++) {
		struct view line = scan->lines.at[i];
		struct view found = bounce_find_address(line);
		bool near = is_keyword_line(line) ||
			    (i > 0 && view_find_byte(line, ':') == SIZE_MAX && is_keyword_line(scan->lines.at[i - 1]));
		if (found.n == 0 || !near || is_ours(scan, found))
			continue;
		struct bounce_record *record = add(scan, found);
		if (record == NULL)
			continue;
		struct view below = talk_after(scan, i, found, view_none());
		record->diagnostic = below.n > 0 ? below : view_trim(line);
		return;
	}
}

/* 4: Exim and others name them in a field; what is said stands below the address. */
static void scan_failed_field(struct scan *scan)
{
	struct view rest = bounce_field(scan->reader, "X-Failed-Recipients"), found;
	while ((found = bounce_find_address(rest)).n > 0) {
		struct bounce_record *record = add(scan, found);
		for (size_t i = 0; i < scan->lines.n && record != NULL; i++) {
			size_t at = view_find_case(scan->lines.at[i], found);
			if (at == SIZE_MAX)
				continue;
			record->diagnostic = talk_after(scan, i, found, view_from(scan->lines.at[i], at + found.n));
			if (record->diagnostic.n > 0)
				break;
		}
		rest = view_from(rest, (size_t)(found.p + found.n - rest.p));
	}
}

/* 5: the message that came back says whom it was for. */
static void scan_returned(struct scan *scan)
{
	static const char *const names[] = { "X-Original-To", "Envelope-To", "To" };
	for (size_t i = 0; i < ARRAY_LEN(names) && scan->reader->out->records.n == 0; i++) {
		struct view value = bounce_returned_field(scan->reader, names[i]);
		struct view found = bounce_find_address(value);
		if (found.n == 0)
			continue;
		struct view rest = view_from(value, (size_t)(found.p + found.n - value.p));
		if (bounce_find_address(rest).n == 0)
			(void)add(scan, found);
	}
}

/* 6: any address that the text names and that is not ours. */
static void scan_anything(struct scan *scan)
{
	for (size_t i = 0; i < scan->lines.n && scan->reader->out->records.n == 0; i++) {
		struct view found = bounce_find_address(scan->lines.at[i]);
		if (found.n > 0 && !is_ours(scan, found))
			(void)add(scan, found);
	}
}

/* 7: AOL leaves its own domain out: a word alone on a line below the sentence that announces it. */
static void scan_local_parts(struct scan *scan)
{
	struct view from = bounce_find_address(scan->reader->from);
	struct view domain = view_from(from, view_find_byte(from, '@'));
	for (size_t i = 1; i < scan->lines.n && domain.n > 1 && scan->reader->out->records.n == 0; i++) {
		struct view word = view_trim(scan->lines.at[i]);
		bool one_word = word.n > 0 && word.n <= 64 && ascii_is_wsp(view_at(scan->lines.at[i], 0));
		for (size_t c = 0; c < word.n; c++)
			one_word = one_word && (ascii_is_atext(view_at(word, c)) || view_at(word, c) == '.');
		if (one_word && view_find_case(scan->lines.at[i - 1], VIEW("recipient")) != SIZE_MAX) {
			const char *address = arena_printf(scan->reader->arena, "%.*s%.*s", VIEW_ARG(word),
							   VIEW_ARG(domain));
			struct bounce_record *record = add(scan, view_str(address));
			if (record != NULL)
				record->diagnostic = view_trim(scan->lines.at[i - 1]);
		}
	}
}

static bool returned_is_attached(const struct bounce_reader *reader)
{
	return reader->returned.n > 0 && reader->mime.n > 1 &&
	       view_find_case(reader->from, VIEW("mailer-daemon")) != SIZE_MAX;
}

static bool is_report(struct scan *scan)
{
	const struct bounce_reader *reader = scan->reader;
	bounce_marks_find(reader, &scan->marked);
	scan->format = bounce_format_find(reader, &scan->marked);
	if (scan->format != NULL && scan->format->sure)
		return true;
	if (!bounce_from_system(reader, &scan->marked) || bounce_field(reader, "In-Reply-To").n > 0)
		return false;
	return bounce_says_failure(&scan->marked) || returned_is_attached(reader);
}

bool bounce_read_text(struct bounce_reader *reader)
{
	struct scan scan;
	memset(&scan, 0, offsetof(struct scan, marked));
	scan.reader = reader;
	if (!is_report(&scan))
		return false;
	scan.type = bounce_says_delay(&scan.marked) ? BOUNCE_TYPE_DELAY : BOUNCE_TYPE_BOUNCE;
	split_lines(&scan);
	static void (*const ways[])(struct scan *) = { scan_failed_field, scan_lines,       scan_transcript,
						       scan_sentences,    scan_local_parts, scan_returned,
						       scan_anything };
	for (size_t i = 0; i < ARRAY_LEN(ways) && reader->out->records.n == 0; i++)
		ways[i](&scan);
	for (size_t i = 0; i < reader->out->records.n; i++)
		bounce_judge(reader, &reader->out->records.at[i],
			     scan.format != NULL && scan.format->says != NULL ? view_str(scan.format->says)
									      : view_to(reader->text, SCAN_TALK_MAX));
	if (reader->out->records.n == 0)
		return false;
	reader->out->format = scan.format != NULL ? scan.format->name : "text";
	return true;
}
