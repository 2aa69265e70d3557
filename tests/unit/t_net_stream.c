#include "net_stream.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net_memory.h"
#include "tap.h"

struct seen {
	struct net_owner owner;
	struct net_stream *stream;
	struct buf got;
	int calls;
	bool close_at_once;
};

static void seen_ready(struct net_owner *owner)
{
	struct seen *seen = (struct seen *)owner;
	struct view bytes = net_stream_peek(seen->stream);
	seen->calls++;
	buf_put(&seen->got, bytes);
	net_stream_take(seen->stream, bytes.n);
	if (seen->close_at_once) {
		net_stream_close(seen->stream);
		seen->stream = NULL;
	}
}

static void seen_init(struct seen *seen, struct net_stream *stream)
{
	*seen = (struct seen){ { seen_ready }, stream, { 0 }, 0, false };
	buf_init(&seen->got, 1 << 24);
	net_stream_own(stream, &seen->owner);
}

static void turns(struct net_loop *loop, int n)
{
	for (int i = 0; i < n; i++)
		CHECK_INT(net_loop_turn(loop, 0, NULL), ERR_OK);
}

static void test_memory(struct net_loop *loop)
{
	struct net_memory memory;
	struct seen seen;
	for (size_t chunk = 0; chunk <= 4; chunk++) {
		tap_case("memory: octets arrive in order in pieces of %zu", chunk);
		NET_STREAM_AUTO struct net_stream *stream = NULL;
		net_memory_open(loop, &memory, &stream);
		memory.chunk = chunk;
		seen_init(&seen, stream);
		net_memory_put(&memory, VIEW("220 hello\r\n"));
		net_memory_end(&memory, 0);
		turns(loop, 40);
		CHECK_VIEW(buf_view(&seen.got), "220 hello\r\n");
		CHECK(net_stream_eof(stream));
		CHECK_INT(net_stream_err(stream, NULL), ERR_OK);
		buf_done(&seen.got);
		net_memory_done(&memory);
	}
	tap_case("memory: a reset after the last octet; what came before can be read");
	NET_STREAM_AUTO struct net_stream *stream = NULL;
	struct diag diag;
	net_memory_open(loop, &memory, &stream);
	seen_init(&seen, stream);
	net_memory_put(&memory, VIEW("421 bye\r\n"));
	net_memory_end(&memory, ECONNRESET);
	turns(loop, 5);
	CHECK_VIEW(buf_view(&seen.got), "421 bye\r\n");
	CHECK_INT(net_stream_err(stream, &diag), ERR_TEMP);
	CHECK_STR(diag.text, "the server dropped the connection");
	CHECK_INT(net_stream_write_view(stream, VIEW("x"), &diag), ERR_TEMP);
	buf_done(&seen.got);
	net_memory_done(&memory);
}

static void test_write(struct net_loop *loop)
{
	struct net_memory memory;
	NET_STREAM_AUTO struct net_stream *stream = NULL;
	const struct view flight[] = { VIEW("MAIL FROM:<a@b>\r\n"), VIEW(""), VIEW("RCPT TO:<c@d>\r\n"),
				       VIEW("DATA\r\n") };

	tap_case("a flight of several parts is one system call");
	net_memory_open(loop, &memory, &stream);
	CHECK_INT(net_stream_write(stream, flight, ARRAY_LEN(flight), NULL), ERR_OK);
	CHECK_VIEW(buf_view(&memory.sent), "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	CHECK_INT(memory.writes, 1);
	CHECK_INT(net_stream_queued(stream), 0);
	CHECK_INT(net_stream_sent(stream), 38);

	tap_case("what is not taken at once is queued, counted and sent later");
	memory.take = 7;
	CHECK_INT(net_stream_write(stream, flight, ARRAY_LEN(flight), NULL), ERR_OK);
	CHECK_INT(net_stream_queued(stream), 31);
	CHECK_INT(net_stream_written(stream), 76);
	CHECK_INT(net_stream_sent(stream), 45);
	struct diag diag;
	CHECK_INT(net_stream_wait_sent(stream, 1000, "room", &diag), ERR_OK);
	CHECK_INT(net_stream_sent(stream), 76);
	CHECK_INT(memory.sent.n, 76);

	tap_case("a hundred parts in one call");
	struct view many[100];
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = VIEW("ab");
	memory.take = 0;
	buf_reset(&memory.sent);
	CHECK_INT(net_stream_write(stream, many, ARRAY_LEN(many), NULL), ERR_OK);
	CHECK_INT(memory.sent.n, 200);
	net_memory_done(&memory);
}

static void test_queue_limit(struct net_loop *loop)
{
	tap_case("the queue has a limit; what passes it is refused whole");
	int fd[2];
	static char block[1 << 20];
	memset(block, 'x', sizeof block);
	struct net_addr nobody = { .kind = NET_ADDR_UNIX, .path = "test" };
	NET_STREAM_AUTO struct net_stream *stream = NULL;
	struct diag diag;
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	CHECK_INT(net_stream_open(loop, fd[0], &nobody, &stream, NULL), ERR_OK);
	enum err err = ERR_OK;
	int blocks = 0;
	while (err == ERR_OK && blocks < 20) {
		err = net_stream_write_view(stream, view_of(block, sizeof block), &diag);
		blocks += err == ERR_OK;
	}
	CHECK_INT(err, ERR_LIMIT);
	CHECK(blocks >= 4 && blocks <= 5);
	CHECK_INT(net_stream_written(stream), (uint64_t)blocks << 20);
	CHECK_INT(net_stream_err(stream, NULL), ERR_OK);

	tap_case("the peer reads it all");
	size_t got = 0;
	static char sink[1 << 20];
	while (net_stream_queued(stream) > 0 || got < (size_t)blocks << 20) {
		ssize_t n = recv(fd[1], sink, sizeof sink, MSG_DONTWAIT);
		got += n > 0 ? (size_t)n : 0;
		turns(loop, 1);
	}
	CHECK_INT(got, (size_t)blocks << 20);
	CHECK_INT(net_stream_sent(stream), net_stream_written(stream));
	(void)close(fd[1]);
}

static void test_read_limit(struct net_loop *loop)
{
	tap_case("octets that nobody takes stop the reading, and go on when they are taken");
	int fd[2];
	static char block[300000];
	struct net_addr nobody = { .kind = NET_ADDR_UNIX, .path = "test" };
	NET_STREAM_AUTO struct net_stream *stream = NULL;
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	CHECK_INT(net_stream_open(loop, fd[0], &nobody, &stream, NULL), ERR_OK);
	int size = 1 << 20;
	CHECK_INT(setsockopt(fd[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size), 0);
	ssize_t put = send(fd[1], block, sizeof block, MSG_DONTWAIT);
	CHECK(put > NET_STREAM_READ_MAX);
	struct view bytes = view_none();
	size_t got = 0;
	enum err err = ERR_OK;
	while (err == ERR_OK)
		err = net_stream_wait_read(stream, 1000, "octets", &bytes, NULL);
	CHECK_INT(err, ERR_LIMIT);
	CHECK_INT(net_stream_peek(stream).n, NET_STREAM_READ_MAX);
	turns(loop, 3);
	CHECK_INT(net_stream_peek(stream).n, NET_STREAM_READ_MAX);
	for (err = ERR_OK; got < (size_t)put && err == ERR_OK;) {
		bytes = net_stream_peek(stream);
		got += bytes.n;
		net_stream_take(stream, bytes.n);
		if (got < (size_t)put)
			err = net_stream_wait_read(stream, 1000, "octets", &bytes, NULL);
	}
	CHECK_INT(got, put);
	(void)close(fd[1]);
}

static const struct {
	const char *what;
	const char *parts[4];
	bool ok;
} lines[] = {
	{ "CRLF in one part", { "a\r\nb\r\n" }, true },
	{ "CRLF over two writes", { "a\r", "\nb" }, true },
	{ "empty parts between", { "a\r", "", "\n" }, true },
	{ "lone LF", { "a\nb" }, false },
	{ "lone CR", { "a\rb" }, false },
	{ "lone CR over two writes", { "a\r", "b" }, false },
	{ "LF first", { "\n" }, false },
	{ "CR CR LF", { "a\r\r\n" }, false },
	{ "LF CR", { "a\r\n\r", "\r\n" }, false },
	{ "LF after CRLF", { "a\r\n\n" }, false },
};

static void test_guard(struct net_loop *loop)
{
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		tap_case("line guard: %s", lines[i].what);
		struct net_memory memory;
		NET_STREAM_AUTO struct net_stream *stream = NULL;
		net_memory_open(loop, &memory, &stream);
		net_stream_guard_lines(stream, true);
		enum err err = ERR_OK;
		for (size_t p = 0; p < 4 && lines[i].parts[p] != NULL && err == ERR_OK; p++)
			err = net_stream_write_view(stream, view_str(lines[i].parts[p]), NULL);
		CHECK_INT(err, lines[i].ok ? ERR_OK : ERR_BUG);
		CHECK_INT(net_stream_err(stream, NULL), err);
		net_memory_done(&memory);
	}
}

static void test_time(struct net_loop *loop)
{
	tap_case("a deadline fails the stream, says for what, and tells the owner");
	struct net_memory memory;
	struct seen seen;
	struct diag diag;
	NET_STREAM_AUTO struct net_stream *stream = NULL;
	net_memory_open(loop, &memory, &stream);
	seen_init(&seen, stream);
	net_stream_deadline(stream, 20, "the greeting");
	while (seen.calls == 0)
		CHECK_INT(net_loop_turn(loop, -1, NULL), ERR_OK);
	CHECK_INT(net_stream_err(stream, &diag), ERR_TEMP);
	CHECK_STR(diag.text, "timed out after 0.02 s waiting for the greeting");
	buf_done(&seen.got);
	net_memory_done(&memory);

	tap_case("so does a wait");
	NET_STREAM_AUTO struct net_stream *other = NULL;
	struct view bytes;
	net_memory_open(loop, &memory, &other);
	CHECK_INT(net_stream_wait_read(other, 20, "a reply", &bytes, &diag), ERR_TEMP);
	CHECK_STR(diag.text, "timed out after 0.02 s waiting for a reply");
	net_memory_done(&memory);
}

static void test_socket(struct net_loop *loop)
{
	int fd[2];
	struct net_addr nobody = { .kind = NET_ADDR_UNIX, .path = "test" };
	struct seen seen;
	struct diag diag;

	tap_case("a reply that came before the connection was reset is read, though the write failed first");
	NET_STREAM_AUTO struct net_stream *stream = NULL;
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	CHECK_INT(net_stream_open(loop, fd[0], &nobody, &stream, NULL), ERR_OK);
	CHECK_INT(write(fd[1], "554 no\r\n", 8), 8);
	(void)close(fd[1]);
	CHECK_INT(net_stream_write_view(stream, VIEW("body"), &diag), ERR_TEMP);
	CHECK_VIEW(net_stream_peek(stream), "554 no\r\n");

	tap_case("the owner closes the stream in its callback");
	struct net_stream *gone = NULL;
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	CHECK_INT(net_stream_open(loop, fd[0], &nobody, &gone, NULL), ERR_OK);
	seen_init(&seen, gone);
	seen.close_at_once = true;
	CHECK_INT(write(fd[1], "x", 1), 1);
	turns(loop, 3);
	CHECK_INT(seen.calls, 1);
	CHECK(seen.stream == NULL);
	char byte;
	CHECK_INT(read(fd[1], &byte, 1), 0);
	(void)close(fd[1]);
	buf_done(&seen.got);

	tap_case("a stream that is idle and whose peer is gone does not spin the loop");
	NET_STREAM_AUTO struct net_stream *idle = NULL;
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	CHECK_INT(net_stream_open(loop, fd[0], &nobody, &idle, NULL), ERR_OK);
	seen_init(&seen, idle);
	(void)close(fd[1]);
	turns(loop, 3);
	CHECK(net_stream_eof(idle));
	int calls = seen.calls;
	turns(loop, 10);
	CHECK_INT(seen.calls, calls);
	buf_done(&seen.got);
}

int main(void)
{
	NET_LOOP_AUTO struct net_loop *loop = NULL;
	CHECK_INT(net_loop_open(env_system(), &loop, NULL), ERR_OK);
	test_memory(loop);
	test_write(loop);
	test_queue_limit(loop);
	test_read_limit(loop);
	test_guard(loop);
	test_time(loop);
	test_socket(loop);
	return tap_done();
}
