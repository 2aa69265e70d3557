/*
 * dkim-verify: one message, read once; a second time only to look for the reason of a failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base_file.h"
#include "base_show.h"
#include "base_spool.h"
#include "dkim_verdicts.h"
#include "dkim_verify_priv.h"

/* What comes from a pipe, with a copy of it as long as it is small: then it can be read again. */
struct keeper {
	struct source source;
	struct source *under;
	struct buf copy;
};

static enum err keeper_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct keeper *keeper = (struct keeper *)source;
	enum err err = source_read(keeper->under, out, cap, n, diag);
	if (err == ERR_OK)
		buf_put(&keeper->copy, view_of(out, *n));
	return err;
}

static void keeper_init(struct keeper *keeper, struct source *under)
{
	static const struct source_ops ops = { keeper_read, NULL };
	keeper->source.ops = &ops;
	keeper->under = under;
	buf_init(&keeper->copy, SPOOL_MEMORY);
}

/* --dump-canonical */

struct dump {
	const char *dir;
	int fds[2]; /* by form */
	char paths[2][4096];
	enum err err;
	struct diag *diag;
};

static void dump_body(void *ctx, enum dkim_canon form, struct view canonical)
{
	struct dump *dump = ctx;
	if (dump->err == ERR_OK && dump->fds[form] >= 0)
		dump->err = file_write_fd(dump->fds[form], dump->paths[form], canonical, dump->diag);
}

static enum err dump_open(struct dump *dump, const struct dkim_bodies *bodies, struct diag *diag)
{
	dump->diag = diag;
	for (size_t i = 0; i < bodies->n; i++) {
		enum dkim_canon form = bodies->at[i].form;
		if (dump->fds[form] >= 0)
			continue;
		(void)snprintf(dump->paths[form], sizeof dump->paths[form], "%s/body.%s", dump->dir,
			       dkim_canon_name(form));
		dump->fds[form] = open(dump->paths[form], O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (dump->fds[form] >= 0)
			continue;
		(void)diag_errno(diag, dump->paths[form], errno);
		return ERR_CREATE;
	}
	return ERR_OK;
}

static enum err dump_headers(struct verify_message *m, const char *dir, struct diag *diag)
{
	for (size_t i = 0; i < m->verify.n; i++) {
		const struct dkim_verdict *verdict = &m->verify.at[i];
		if (!verdict->parsed)
			continue;
		BUF_AUTO struct buf text;
		buf_init(&text, (size_t)2 * DKIM_CANON_HEAD_MAX);
		dkim_verify_header_text(&m->input.head, &verdict->signature, verdict->field, verdict->signature.header,
					&text);
		enum err err = file_replace(arena_printf(&m->arena, "%s/%u.header", dir, verdict->index),
					    buf_view(&text), 0600, diag);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

/* Read and judge. */

static enum err read_body(struct verify_message *m, struct diag *diag)
{
	struct dump dump = { .dir = m->run->opts->dump_dir, .fds = { -1, -1 } };
	enum err err = ERR_OK;
	if (dump.dir != NULL) {
		err = dump_open(&dump, &m->bodies, diag);
		m->bodies.tap = dump_body;
		m->bodies.tap_ctx = &dump;
	}
	if (err == ERR_OK)
		err = dkim_bodies_read(&m->bodies, &m->input, NULL, diag);
	file_close(&dump.fds[0]);
	file_close(&dump.fds[1]);
	if (err == ERR_OK)
		err = dump.err;
	return err == ERR_OK && dump.dir != NULL ? dump_headers(m, dump.dir, diag) : err;
}

static enum err judge(struct verify_message *m, struct diag *diag)
{
	struct verify_run *run = m->run;
	enum err err = dkim_input_open(&m->input, &m->wire.source, &m->arena, diag);
	if (err != ERR_OK)
		return err;
	dkim_verify_begin(&m->verify, &run->judge, &m->input.head, &m->bodies, &m->keys, &m->arena);
	if (run->opts->arc)
		arc_begin(&m->arc, &m->input.head, &m->bodies, &m->keys, &m->arena, run->judge.now);
	if (m->bodies.n > 0)
		err = read_body(m, diag);
	if (err != ERR_OK)
		return err;
	dkim_verify_end(&m->verify);
	if (run->opts->arc)
		arc_end(&m->arc);
	return ERR_OK;
}

static bool has_failed(const struct dkim_verify *verify)
{
	for (size_t i = 0; i < verify->n; i++)
		if (verify->at[i].result == DKIM_FAIL)
			return true;
	return false;
}

/* A hint that cannot be found is no error. */
static void look_again(struct verify_message *m, struct source *again)
{
	static struct dkim_wire wire;
	if (again->ops->rewind == NULL || source_rewind(again, NULL) != ERR_OK)
		return;
	dkim_wire_init(&wire, again);
	(void)!dkim_hint_find(&m->verify, &wire.source, NULL);
}

static void write_results(struct verify_message *m)
{
	struct authres results = { .id = m->run->authserv_id };
	BUF_AUTO struct buf folded, line;
	buf_init(&folded, (size_t)4 * AUTHRES_FIELD_MAX);
	buf_init(&line, (size_t)4 * AUTHRES_FIELD_MAX);
	dkim_verdicts_add(&m->verify, &results, &m->arena);
	if (m->run->opts->arc)
		arc_add_verdict(&m->arc, &results, &m->arena);
	authres_write(&results, 0, &folded);
	msg_head_unfold_to(buf_view(&folded), &line);
	m->results = view_trim(arena_view(&m->arena, buf_view(&line)));
}

static enum err verify_source(struct verify_message *m, struct source *source, struct keeper *keeper, struct diag *diag)
{
	struct source_view kept;
	dkim_wire_init(&m->wire, source);
	enum err err = judge(m, diag);
	if (err != ERR_OK)
		return err;
	source_view_init(&kept, buf_view(&keeper->copy));
	if (has_failed(&m->verify) && source != &keeper->source)
		look_again(m, source);
	else if (has_failed(&m->verify) && !keeper->copy.over)
		look_again(m, &kept.source);
	if (m->wire.lone)
		cmd_info(m->run->cmd, "%s: a lone CR or LF stands among lines that end in CRLF; it was hashed as it is",
			 m->name);
	write_results(m);
	if (m->run->opts->common.json)
		verify_print_json(m);
	else
		verify_print_text(m);
	return ERR_OK;
}

static bool is_file(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && lseek(fd, 0, SEEK_CUR) == 0;
}

enum err verify_file(struct verify_run *run, const char *path, enum dkim_result *result, struct diag *diag)
{
	FD_AUTO int fd = -1;
	enum err err = strcmp(path, "-") == 0 ? cmd_claim(run->cmd, CMD_STDIN, "the message", diag) : ERR_OK;
	if (err == ERR_OK)
		err = file_open(path, &fd, diag);
	if (err != ERR_OK)
		return err;
	static struct verify_message m; /* large, and one at a time */
	struct source_fd file;
	struct keeper keeper;
	source_fd_init(&file, fd, path);
	keeper_init(&keeper, &file.source);
	m.run = run;
	m.name = path;
	m.results = view_none();
	arena_init(&m.arena);
	dkim_input_init(&m.input);
	dkim_bodies_init(&m.bodies);
	dkim_keys_init(&m.keys, run->resolve.dns, run->given,
		       run->opts->arc                   ? ARC_KEYS_MAX
		       : run->judge.signatures_max == 0 ? 10
							: run->judge.signatures_max,
		       &m.arena);
	err = verify_source(&m, is_file(fd) ? &file.source : &keeper.source, &keeper, diag);
	*result = m.verify.result;
	dkim_keys_done(&m.keys);
	dkim_bodies_done(&m.bodies);
	dkim_input_done(&m.input);
	arena_done(&m.arena);
	buf_done(&keeper.copy);
	return err == ERR_OK || strcmp(path, "-") == 0 ? err : diag_prefix(diag, err, "%s", SHOW(view_str(path)));
}
