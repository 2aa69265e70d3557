#include "net_socks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	enum err err;
	enum net_socks_state state;
	size_t at;
};

static struct outcome run(struct view in, size_t piece)
{
	struct net_socks_opts opts = { .host = VIEW("h"), .port = 25, .user = VIEW("u"), .password = VIEW("p") };
	struct net_socks socks;
	struct outcome out = { ERR_OK, NET_SOCKS_METHOD, 0 };
	BUF_AUTO struct buf sent;
	buf_init(&sent, 100);
	out.err = net_socks_start(&socks, &opts, &sent, NULL);
	for (size_t seen = 0; out.err == ERR_OK && socks.state != NET_SOCKS_DONE;) {
		size_t used;
		out.err = net_socks_feed(&socks, view_slice(in, out.at, seen - out.at), &used, &sent, NULL);
		out.at += used;
		if (used == 0 && seen == in.n)
			break;
		if (used == 0)
			seen = in.n - seen < piece ? in.n : seen + piece;
	}
	out.state = socks.state;
	return out;
}

/* How the octets are cut makes no difference. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole = run(view_of(data, size), SIZE_MAX), single = run(view_of(data, size), 1);
	if (whole.err != single.err || whole.state != single.state || whole.at != single.at || whole.at > size)
		__builtin_trap();
	return 0;
}
