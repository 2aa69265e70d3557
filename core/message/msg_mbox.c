#include "msg_mbox.h"

#include "base_ascii.h"

enum {
	LOOK_AHEAD = 4096, /* a "From " line and the line behind it are looked for within so many octets */
	CONTEXT = 4,       /* octets before a "From " line that tell that the line before it is empty */
};

void msg_mbox_init(struct msg_mbox *mbox, size_t message_max)
{
	*mbox = (struct msg_mbox){ .message_max = message_max == 0 ? MSG_MBOX_MESSAGE_MAX : message_max };
	if (mbox->message_max < 2 * CONTEXT)
		mbox->message_max = 2 * CONTEXT;
	buf_init(&mbox->data, mbox->message_max + 2 * MSG_MBOX_BLOCK + LOOK_AHEAD);
}

void msg_mbox_done(struct msg_mbox *mbox) { buf_done(&mbox->data); }

void msg_mbox_begin(struct msg_mbox *mbox, struct source *source, bool unescape)
{
	buf_reset(&mbox->data);
	mbox->source = source;
	mbox->start = mbox->scan = mbox->cut = 0;
	mbox->number = 0;
	mbox->started = mbox->is_mbox = mbox->eof = false;
	mbox->unescape = unescape;
}

static size_t have(const struct msg_mbox *m) { return m->data.n - m->start; }

/* One more block behind what is there. */
static enum err refill(struct msg_mbox *m, struct diag *diag)
{
	buf_drop(&m->data, m->start);
	m->scan -= m->start;
	m->start = 0;
	char *room = buf_room(&m->data, MSG_MBOX_BLOCK);
	if (room == NULL)
		return diag_set(diag, ERR_BUG, "mbox reader without room");
	size_t n = 0;
	enum err err = source_read(m->source, room, MSG_MBOX_BLOCK, &n, diag);
	if (err != ERR_OK)
		return err;
	buf_grew(&m->data, n);
	m->eof = n == 0;
	return ERR_OK;
}

/* "12:34" and "1997" or the like behind the sender. */
static bool has_date(struct view line)
{
	bool time = false, year = false;
	for (size_t i = 1; i + 2 < line.n; i++) {
		const char *p = line.p + i;
		time |= p[0] == ':' && ascii_is_digit(p[-1]) && ascii_is_digit(p[1]) && ascii_is_digit(p[2]);
		year |= ((p[0] == '1' && p[1] == '9') || (p[0] == '2' && p[1] == '0')) && p[-1] == ' ' &&
			ascii_is_digit(p[2]) && ascii_is_digit(view_at(line, i + 3)) &&
			!ascii_is_digit(view_at(line, i + 4));
	}
	return time && year;
}

static bool is_field(struct view line)
{
	size_t n = 0;
	while (n < line.n && ascii_is_ftext((unsigned char)line.p[n]))
		n++;
	while (n < line.n && ascii_is_wsp((unsigned char)line.p[n]))
		n++;
	return n > 0 && view_at(line, n) == ':';
}

enum answer { NO, YES, TOO_SHORT };

/* Is the "From " line at `at` a separator? The line before it is empty. */
static enum answer is_separator(const struct msg_mbox *m, size_t at)
{
	struct view rest = view_slice(buf_view(&m->data), at, LOOK_AHEAD);
	size_t end = view_find_byte(rest, '\n');
	struct view line = view_to(rest, end);
	struct view behind = end == SIZE_MAX ? view_none() : view_from(rest, end + 1);
	struct view sender = view_from(line, 5);
	if (end != SIZE_MAX && has_date(view_from(sender, view_find_byte(sender, ' '))))
		return YES;
	if (view_has_byte(behind, '\n') || m->eof || rest.n == LOOK_AHEAD)
		return is_field(behind) ? YES : NO;
	return TOO_SHORT;
}

static bool behind_empty_line(const struct msg_mbox *m, size_t at)
{
	const char *p = m->data.p;
	return (at >= 2 && p[at - 2] == '\n') || (at >= 3 && p[at - 2] == '\r' && p[at - 3] == '\n');
}

/* From `scan` on: the next line that starts with "From ", or SIZE_MAX. Line by line: faster here than memmem. */
static size_t next_from(const struct msg_mbox *m)
{
	const char *p = m->data.p + m->scan, *end = m->data.p + m->data.n;
	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p++;
		if (end - p >= 5 && p[0] == 'F' && memcmp(p, "From ", 5) == 0)
			return (size_t)(p - m->data.p);
	}
	return SIZE_MAX;
}

/* Where the next message starts, or SIZE_MAX: not in what was read so far. */
static size_t find_separator(struct msg_mbox *m)
{
	while (m->scan < m->data.n) {
		size_t at = next_from(m);
		if (at == SIZE_MAX)
			break;
		enum answer answer = behind_empty_line(m, at) ? is_separator(m, at) : NO;
		if (answer == YES)
			return at;
		if (answer == TOO_SHORT) {
			m->scan = at - 1;
			return SIZE_MAX;
		}
		m->scan = at;
	}
	size_t tail = sizeof "\nFrom " - 2;
	if (m->data.n >= m->scan + tail)
		m->scan = m->data.n - tail;
	return SIZE_MAX;
}

/* A message that is too long: its first octets stay, what was looked through behind them goes. */
static void drop_middle(struct msg_mbox *m)
{
	size_t keep = m->start + m->message_max;
	size_t from = m->scan > CONTEXT ? m->scan - CONTEXT : 0;
	if (from <= keep)
		return;
	memmove(m->data.p + keep, m->data.p + from, m->data.n - from);
	buf_cut(&m->data, m->data.n - (from - keep));
	m->scan -= from - keep;
	m->cut = m->message_max;
}

/* ">From " and ">>From " lose their first ">", in place. */
static struct view unescape(char *p, size_t n)
{
	size_t to = 0;
	bool line_start = true;
	for (size_t i = 0; i < n; i++) {
		if (line_start && p[i] == '>') {
			size_t q = i;
			while (q < n && p[q] == '>')
				q++;
			if (view_starts(view_of(p + q, n - q), VIEW("From ")))
				i++;
		}
		line_start = p[i] == '\n';
		p[to++] = p[i];
	}
	return view_of(p, to);
}

/* The empty line before the separator is the mbox's. */
static struct view without_empty_line(struct view message)
{
	if (view_ends(message, VIEW("\r\n\r\n")))
		return view_to(message, message.n - 2);
	if (view_ends(message, VIEW("\n\n")))
		return view_to(message, message.n - 1);
	return message;
}

/* The message from start to `end` of the data. */
static void deliver(struct msg_mbox *m, size_t end, struct msg_mbox_message *out)
{
	struct msg_mbox_message got = { .number = ++m->number, .in_mbox = m->is_mbox };
	size_t n = end - m->start;
	if (m->cut > 0 || n > m->message_max) {
		n = m->message_max;
		got.truncated = true;
	}
	struct view message = view_of(m->data.p + m->start, n);
	if (m->is_mbox) {
		struct view rest = message;
		(void)view_next_line(&rest, &got.from_line);
		message = got.truncated ? rest : without_empty_line(rest);
	}
	if (m->is_mbox && m->unescape)
		message = unescape(m->data.p + (message.p - m->data.p), message.n);
	got.message = message;
	m->start = m->scan = end;
	m->cut = 0;
	*out = got;
}

/* The kind by the first octets. */
static enum err start(struct msg_mbox *m, struct diag *diag)
{
	while (!m->eof && have(m) < LOOK_AHEAD) {
		enum err err = refill(m, diag);
		if (err != ERR_OK)
			return err;
	}
	m->started = true;
	struct view head = buf_view(&m->data);
	size_t at = view_starts(head, VIEW("\xef\xbb\xbf")) ? 3 : 0;
	m->start = at;
	while (view_at(head, at) == '\r' || view_at(head, at) == '\n')
		at++;
	struct view first = view_from(head, at);
	m->is_mbox = view_starts(first, VIEW("From ")) && !is_field(first); /* "From : a@b" is a field */
	if (m->is_mbox)
		m->start = at;
	m->scan = m->start;
	return ERR_OK;
}

enum err msg_mbox_next(struct msg_mbox *mbox, struct msg_mbox_message *out, bool *more, struct diag *diag)
{
	enum err err = mbox->started ? ERR_OK : start(mbox, diag);
	while (err == ERR_OK) {
		size_t end = mbox->is_mbox ? find_separator(mbox) : SIZE_MAX;
		bool enough = !mbox->is_mbox && have(mbox) > mbox->message_max;
		if (end == SIZE_MAX && (mbox->eof || enough)) {
			*more = have(mbox) > 0;
			if (*more)
				deliver(mbox, mbox->data.n, out);
			mbox->eof = true;
			return ERR_OK;
		}
		if (end != SIZE_MAX) {
			deliver(mbox, end, out);
			*more = true;
			return ERR_OK;
		}
		if (have(mbox) > mbox->message_max)
			drop_middle(mbox);
		err = refill(mbox, diag);
	}
	return err;
}
