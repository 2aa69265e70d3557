#include "send_priv.h"

/* The bytes of a message: what was composed or taken, with the signatures in front. */

static struct send_content *content_of(struct source *source)
{
	return (struct send_content *)(void *)((char *)source - offsetof(struct send_content, with_prefix));
}

static enum err prefixed_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct send_content *self = content_of(source);
	struct view part = view_slice(self->prefix, self->prefix_at, cap);
	if (part.n > 0)
		memcpy(out, part.p, part.n);
	self->prefix_at += part.n;
	*n = part.n;
	if (part.n == cap)
		return ERR_OK;
	size_t more;
	enum err err = source_read(self->behind, out + part.n, cap - part.n, &more, diag);
	*n += err == ERR_OK ? more : 0;
	return err;
}

static enum err prefixed_rewind(struct source *source, struct diag *diag)
{
	struct send_content *self = content_of(source);
	self->prefix_at = 0;
	return source_rewind(self->behind, diag);
}

static enum err open_anew(struct send_content *self, bool seven, uint64_t *octets, struct diag *diag)
{
	enum err err = self->open(self, seven, &self->behind, &self->octets, diag);
	if (err == ERR_OK && self->dkim != NULL)
		err = send_dkim_sign(self->dkim, self->run, self->behind, &self->prefix, diag);
	*octets = self->octets + self->prefix.n;
	self->opened = err == ERR_OK;
	self->seven = seven;
	return err;
}

enum err send_message_open(struct send_message *message, enum send_form form, struct source **source, uint64_t *octets,
			   struct diag *diag)
{
	static const struct source_ops ops = { prefixed_read, prefixed_rewind };
	struct send_content *self = message->content;
	bool seven = form == SEND_7BIT;
	self->with_prefix.ops = &ops;
	*source = &self->with_prefix;
	*octets = self->octets + self->prefix.n;
	if (!self->opened || self->seven != seven) {
		self->prefix = view_none();
		enum err err = open_anew(self, seven, octets, diag);
		if (err != ERR_OK)
			return err;
	}
	return source_rewind(*source, diag);
}
