/*
 * dkim-sign: one message, from its octets to its signed form.
 */
#include <errno.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base_file.h"
#include "base_show.h"
#include "dkim_sign_priv.h"
#include "dkim_signature.h"

enum { COPY_BLOCK = 262144 };

/* Signers for this message: its own From domain where none was given. */
static enum err settle_domain(struct sign_run *run, const struct sign_message *message, const struct msg_head *head,
			      struct arena *arena, struct dkim_signer *signers, struct diag *diag)
{
	struct view domain = run->signers[0].domain, from = view_none();
	struct diag why = { 0 };
	enum err err = dkim_from_domain(head, arena, &from, &why);
	if (err != ERR_OK && domain.n == 0)
		return diag_set(diag, err, "%s", why.text);
	if (domain.n == 0)
		domain = from;
	else if (from.n > 0 && !dkim_name_under(from, domain) && !dkim_name_under(domain, from))
		cmd_info(run->cmd, "%s: %.*s signs, but From is of %.*s: DMARC will not count this signature",
			 message->name, VIEW_ARG(domain), VIEW_ARG(from));
	for (size_t i = 0; i < run->n; i++) {
		signers[i] = run->signers[i];
		signers[i].domain = domain;
		err = dkim_signer_check(&signers[i], true, diag);
		if (err != ERR_OK)
			return err;
	}
	return run->opts->check_dns && run->signers[0].domain.n == 0 ? sign_keys_check_dns(run, domain, diag) : ERR_OK;
}

static void tell(struct sign_run *run, const struct sign_message *message)
{
	for (size_t i = 0; i < message->made.n; i++) {
		const struct dkim_made *made = &message->made.at[i];
		cmd_debug(run->cmd, "%s: d=%.*s s=%.*s a=%s h=%.*s bh=%.*s", message->name,
			  VIEW_ARG(made->signer->domain), VIEW_ARG(made->signer->selector), made->algorithm,
			  VIEW_ARG(made->headers), VIEW_ARG(made->body_hash));
	}
}

enum err sign_message_make(struct sign_run *run, struct sign_message *message, struct arena *arena, struct diag *diag)
{
	if (run->opts->arc)
		return sign_message_seal(run, message, arena, diag);
	struct dkim_signer *signers = arena_array(arena, run->n, sizeof *signers);
	struct dkim_sign_opts opts = {
		.signers = signers,
		.n = run->n,
		.headers = view_str(run->opts->headers),
		.no_oversign = run->opts->no_oversign,
		.timestamp = run->timestamp,
		.expires = run->expires,
	};
	DKIM_INPUT_AUTO struct dkim_input input;
	dkim_input_init(&input);
	enum err err = dkim_input_open(&input, &message->wire->source, arena, diag);
	if (err == ERR_OK)
		err = settle_domain(run, message, &input.head, arena, signers, diag);
	if (err == ERR_OK)
		err = dkim_sign_input(&input, &opts, arena, &message->made, diag);
	if (err != ERR_OK)
		return err;
	message->fields = message->made.fields;
	message->from_line = message->made.from_line;
	message->octets = message->wire->octets;
	if (message->wire->lone)
		cmd_info(run->cmd,
			 "%s: a lone CR or LF among lines that end in CRLF was signed as it is; a server on the "
			 "way may change it, which breaks the signature",
			 message->name);
	tell(run, message);
	return ERR_OK;
}

void sign_message_fields(const struct sign_message *message, struct buf *out)
{
	struct view rest = message->fields, line;
	if (message->wire->line_end != DKIM_LINE_LF) {
		buf_put(out, rest);
		return;
	}
	while (view_next_line(&rest, &line)) {
		buf_put(out, line);
		buf_byte(out, '\n');
	}
}

/* Where the fields go: at the front, or behind the mbox "From " line. */
static size_t insert_at(const struct sign_message *message, struct view front)
{
	size_t lf = view_find_byte(front, '\n');
	return message->from_line && lf != SIZE_MAX ? lf + 1 : 0;
}

/* The rest of a file, without a detour through this process; false where the system cannot. */
static bool send_rest(int from, int to)
{
	for (;;) {
		ssize_t n = sendfile(to, from, NULL, (size_t)1 << 30);
		if (n == 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false; /* told, if it is an error, by the write that is tried next */
	}
}

/* In one call while the system takes it whole. */
static enum err write_three(int fd, const char *name, struct view one, struct view two, struct view three,
			    struct diag *diag)
{
	const struct view all[] = { one, two, three };
	struct iovec parts[3];
	for (size_t i = 0; i < 3; i++)
		parts[i] = (struct iovec){ (void *)(uintptr_t)all[i].p, all[i].n };
	ssize_t wrote = writev(fd, parts, 3);
	size_t left = wrote < 0 ? 0 : (size_t)wrote; /* an error comes again below */
	enum err err = ERR_OK;
	for (size_t i = 0; i < 3 && err == ERR_OK; i++) {
		size_t done = left < all[i].n ? left : all[i].n;
		left -= done;
		err = file_write_fd(fd, name, view_from(all[i], done), diag);
	}
	return err;
}

enum err sign_message_write(struct sign_message *message, int fd, const char *name, struct diag *diag)
{
	BUF_AUTO struct buf block, fields;
	buf_init(&block, COPY_BLOCK);
	buf_init(&fields, (size_t)1 << 22);
	sign_message_fields(message, &fields);
	enum err err = source_rewind(message->source, diag);
	if (err == ERR_OK && message->fd >= 0 && !message->from_line) {
		err = file_write_fd(fd, name, buf_view(&fields), diag);
		if (err != ERR_OK || send_rest(message->fd, fd))
			return err;
		buf_reset(&fields);
	}
	char *room = buf_room(&block, COPY_BLOCK);
	for (bool first = true; err == ERR_OK; first = false) {
		size_t n;
		err = source_read(message->source, room, COPY_BLOCK, &n, diag);
		if (err != ERR_OK || (n == 0 && !first))
			break;
		struct view piece = view_of(room, n);
		size_t at = first ? insert_at(message, piece) : 0;
		err = write_three(fd, name, view_to(piece, at), first ? buf_view(&fields) : view_none(),
				  view_from(piece, at), diag);
	}
	return err;
}

static void print_json(struct cmd *cmd, const struct sign_message *message)
{
	struct json *json = cmd_json_begin(cmd);
	if (cmd->args.operands.n > 0)
		json_key_str(json, "file", message->name);
	json_key_array(json, "signatures");
	for (size_t i = 0; i < message->made.n; i++) {
		const struct dkim_made *made = &message->made.at[i];
		json_object(json);
		json_key_view(json, "domain", made->signer->domain);
		json_key_view(json, "selector", made->signer->selector);
		json_key_str(json, "algorithm", made->algorithm);
		json_key(json, "canonicalization");
		json_printf(json, "%s/%s", dkim_canon_name(made->signer->header), dkim_canon_name(made->signer->body));
		json_key_array(json, "headers");
		struct view rest = made->headers, name;
		while (dkim_headers_next(&rest, &name))
			json_view(json, name);
		json_end(json);
		json_key_view(json, "body_hash", made->body_hash);
		json_key_view(json, "signature", made->signature);
		json_key_view(json, "header", made->field);
		json_end(json);
	}
	json_end(json);
	if (message->made.n == 0)
		json_key_view(json, "arc_set", message->fields);
	json_key_uint(json, "message_bytes", message->octets);
	cmd_json_end(cmd);
}

static enum err print(struct sign_run *run, struct sign_message *message, struct diag *diag)
{
	if (run->opts->common.json) {
		print_json(run->cmd, message);
		return ERR_OK;
	}
	cmd_out_flush(run->cmd);
	if (!run->opts->header_only)
		return sign_message_write(message, STDOUT_FILENO, "standard output", diag);
	BUF_AUTO struct buf fields;
	buf_init(&fields, (size_t)1 << 22);
	sign_message_fields(message, &fields);
	cmd_out_view(run->cmd, buf_view(&fields));
	return ERR_OK;
}

static bool is_file(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && lseek(fd, 0, SEEK_CUR) == 0;
}

enum err sign_one(struct sign_run *run, const char *path, struct diag *diag)
{
	FD_AUTO int fd = -1;
	SPOOL_AUTO struct spool spool;
	spool_init(&spool);
	enum err err = strcmp(path, "-") == 0 ? cmd_claim(run->cmd, CMD_STDIN, "the message", diag) : ERR_OK;
	if (err == ERR_OK)
		err = file_open(path, &fd, diag);
	if (err != ERR_OK)
		return err;
	struct source_fd file;
	source_fd_init(&file, fd, path);
	bool once = run->opts->header_only || run->opts->common.json;
	bool direct = once || is_file(fd);
	if (!direct)
		err = spool_fill(&spool, &file.source, diag);
	if (err != ERR_OK)
		return err;

	struct dkim_wire *wire = arena_new(run->cmd->arena, struct dkim_wire);
	struct sign_message message = {
		.name = path, .source = direct ? &file.source : &spool.source, .fd = direct ? fd : -1, .wire = wire
	};
	dkim_wire_init(wire, message.source);
	err = sign_message_make(run, &message, run->cmd->arena, diag);
	if (err == ERR_OK)
		return print(run, &message, diag);
	return strcmp(path, "-") == 0 ? err : diag_prefix(diag, err, "%s", SHOW(view_str(path)));
}
