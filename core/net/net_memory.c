#include "net_memory.h"

#include <errno.h>

#include "net_stream_priv.h"

enum { NET_MEMORY_MAX = 64 << 20 };

static enum net_io memory_recv(struct net_stream *stream, char *out, size_t cap, size_t *n)
{
	struct net_memory *memory = stream->memory;
	size_t give = memory->coming.n < cap ? memory->coming.n : cap;
	if (memory->chunk > 0 && give > memory->chunk)
		give = memory->chunk;
	if (give > 0) {
		memcpy(out, memory->coming.p, give);
		buf_drop(&memory->coming, give);
		*n = give;
		return NET_IO_DONE;
	}
	errno = memory->errnum;
	return !memory->closed ? NET_IO_READ : memory->errnum == 0 ? NET_IO_EOF : NET_IO_FAILED;
}

static enum net_io memory_send(struct net_stream *stream, const struct iovec *parts, size_t count, size_t *n)
{
	struct net_memory *memory = stream->memory;
	size_t room = memory->take == 0 ? SIZE_MAX : memory->take, total = 0;
	if (memory->closed && memory->errnum != 0) {
		errno = memory->errnum;
		return NET_IO_FAILED;
	}
	for (size_t i = 0; i < count && total < room; i++) {
		size_t part = parts[i].iov_len < room - total ? parts[i].iov_len : room - total;
		buf_put(&memory->sent, view_of(parts[i].iov_base, part));
		total += part;
	}
	memory->writes++;
	*n = total;
	return NET_IO_DONE;
}

const struct net_transport net_transport_memory = { memory_recv, memory_send, true };

void net_memory_open(struct net_loop *loop, struct net_memory *memory, struct net_stream **out)
{
	struct net_addr peer = { .kind = NET_ADDR_UNIX, .path = "memory" };
	*memory = (struct net_memory){ 0 };
	buf_init(&memory->sent, NET_MEMORY_MAX);
	buf_init(&memory->coming, NET_MEMORY_MAX);
	memory->stream = net_stream_new(loop, &net_transport_memory, &peer);
	memory->stream->memory = memory;
	*out = memory->stream;
}

void net_memory_done(struct net_memory *memory)
{
	buf_done(&memory->sent);
	buf_done(&memory->coming);
}

static void memory_wake(struct net_memory *memory)
{
	if (memory->stream != NULL)
		net_timer_after(memory->stream->loop, &memory->stream->kick, 0);
}

void net_memory_put(struct net_memory *memory, struct view bytes)
{
	buf_put(&memory->coming, bytes);
	memory_wake(memory);
}

void net_memory_end(struct net_memory *memory, int errnum)
{
	memory->closed = true;
	memory->errnum = errnum;
	memory_wake(memory);
}
