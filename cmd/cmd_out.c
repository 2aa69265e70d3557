#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base_file.h"
#include "base_num.h"
#include "base_show.h"
#include "cmd_priv.h"

/* A record longer than OUT_MAX is refused; what is longer than OUT_BLOCK waits for no company. */
enum { OUT_BLOCK = 64 << 10, OUT_MAX = 256 << 20 };

void cmd_out_init(struct cmd *cmd) { buf_init(&cmd->out.buf, OUT_MAX); }

static void told(struct cmd *cmd, const char *why)
{
	if (!cmd->out.failed)
		cmd_error(cmd, "standard output: %s (the output is not complete)", why);
	cmd->out.failed = true;
}

void cmd_out_flush(struct cmd *cmd)
{
	struct diag diag = { 0 };
	if (buf_err(&cmd->out.buf) != ERR_OK)
		told(cmd, "a record is longer than OUT_MAX");
	if (!cmd->out.failed && cmd->out.buf.n > 0 &&
	    file_write_fd(STDOUT_FILENO, "standard output", buf_view(&cmd->out.buf), &diag) != ERR_OK)
		told(cmd, strerror(errno));
	buf_reset(&cmd->out.buf);
}

static void wrote(struct cmd *cmd)
{
	if (cmd->out.buf.n >= OUT_BLOCK || (cmd->out.each_line && view_last(buf_view(&cmd->out.buf)) == '\n'))
		cmd_out_flush(cmd);
}

bool cmd_out_failed(const struct cmd *cmd) { return cmd->out.failed; }

bool cmd_out_close(struct cmd *cmd)
{
	cmd_out_flush(cmd);
	buf_done(&cmd->out.buf);
	if (!cmd->out.failed && close(STDOUT_FILENO) != 0 && errno != EBADF)
		told(cmd, strerror(errno));
	return !cmd->out.failed;
}

void cmd_out_view(struct cmd *cmd, struct view v)
{
	buf_put(&cmd->out.buf, v);
	wrote(cmd);
}

void cmd_out_str(struct cmd *cmd, const char *s) { cmd_out_view(cmd, view_str(s)); }

void cmd_out_shown(struct cmd *cmd, struct view v)
{
	show_write(v, &cmd->out.buf);
	wrote(cmd);
}

void cmd_out_printf(struct cmd *cmd, const char *fmt, ...)
{
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	char *room = n < 0 ? NULL : buf_room(&cmd->out.buf, (size_t)n + 1);
	if (room != NULL) {
		(void)vsnprintf(room, (size_t)n + 1, fmt, again);
		buf_grew(&cmd->out.buf, (size_t)n);
	}
	va_end(again);
	wrote(cmd);
}

struct json *cmd_json_begin(struct cmd *cmd)
{
	json_init(&cmd->out.json, &cmd->out.buf);
	json_object(&cmd->out.json);
	json_key_uint(&cmd->out.json, "v", 1);
	return &cmd->out.json;
}

void cmd_json_end(struct cmd *cmd)
{
	json_end(&cmd->out.json);
	buf_byte(&cmd->out.buf, '\n');
	wrote(cmd);
}

struct out_sink {
	struct sink sink;
	struct cmd *cmd;
};

static enum err out_sink_write(struct sink *sink, struct view bytes, struct diag *diag)
{
	struct cmd *cmd = ((struct out_sink *)(void *)sink)->cmd;
	cmd_out_view(cmd, bytes);
	return cmd->out.failed ? diag_set(diag, ERR_IO, "standard output cannot be written") : ERR_OK;
}

struct sink *cmd_out_sink(struct cmd *cmd)
{
	struct out_sink *out = arena_new(cmd->arena, struct out_sink);
	*out = (struct out_sink){ { out_sink_write }, cmd };
	return &out->sink;
}

enum { DRAW_EVERY_MS = 100, JSON_EVERY_MS = 1000 };

void cmd_progress_init(struct cmd_progress_line *line, struct cmd *cmd, const char *what)
{
	*line = (struct cmd_progress_line){ .cmd = cmd, .what = what, .next_ms = env_mono_ms(cmd->env) };
}

static bool draws(const struct cmd_progress_line *line)
{
	const struct opt_common *common = line->cmd->common;
	return common->progress == CMD_PROGRESS_AUTO && !common->quiet && isatty(STDERR_FILENO);
}

void cmd_progress_step(struct cmd_progress_line *line, uint64_t done, uint64_t total)
{
	int64_t now = env_mono_ms(line->cmd->env);
	if (now < line->next_ms)
		return;
	unsigned long long d = done, t = total;
	if (line->cmd->common->progress == CMD_PROGRESS_JSON) {
		line->next_ms = now + JSON_EVERY_MS;
		fprintf(stderr, "{\"v\":1,\"type\":\"progress\",\"what\":\"%s\",\"done\":%llu,\"total\":%llu}\n",
			line->what, d, t);
	} else if (draws(line)) {
		line->next_ms = now + DRAW_EVERY_MS;
		if (total > 0)
			fprintf(stderr, "\r%llu of %llu %s (%llu%%)\033[K", d, t, line->what, d * 100 / t);
		else
			fprintf(stderr, "\r%llu %s\033[K", d, line->what);
		line->drawn = true;
	}
}

void cmd_progress_done(struct cmd_progress_line *line)
{
	if (line->drawn)
		fputs("\r\033[K", stderr);
	line->drawn = false;
}
