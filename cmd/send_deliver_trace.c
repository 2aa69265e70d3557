/* What is written about a delivery: the dialog (--transcript), and a line a recipient (--log). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "base_file.h"
#include "base_show.h"
#include "base_time.h"
#include "send_deliver_priv.h"

enum { BODY_SHOWN = 16384, LINE_MAX_OCTETS = 4096 };

enum err send_trace_open(struct send_run *run, struct send_trace *trace, struct diag *diag)
{
	const char *path = run->opts->transcript;
	*trace = (struct send_trace){ .cmd = run->cmd, .fd = -1, .began_ms = env_mono_ms(run->cmd->env) };
	if (path == NULL)
		return ERR_OK;
	if (*path == '\0')
		trace->fd = STDERR_FILENO;
	else
		trace->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
	return trace->fd >= 0 ? ERR_OK
			      : diag_set(diag, ERR_CREATE, "--transcript %s: cannot be written", SHOW(view_str(path)));
}

void send_trace_close(struct send_trace *trace)
{
	if (trace->fd > STDERR_FILENO)
		(void)close(trace->fd);
	trace->fd = -1;
}

static void put_line(struct send_trace *trace, const char *mark, struct view text)
{
	BUF_AUTO struct buf line;
	buf_init(&line, LINE_MAX_OCTETS * 8);
	int64_t ms = env_mono_ms(trace->cmd->env) - trace->began_ms;
	buf_printf(&line, "%3lld.%03lld %s ", (long long)ms / 1000, (long long)ms % 1000, mark);
	show_write(view_to(text, LINE_MAX_OCTETS), &line);
	buf_byte(&line, '\n');
	struct diag diag;
	if (file_write_fd(trace->fd, "transcript", buf_view(&line), &diag) != ERR_OK)
		send_trace_close(trace);
}

static void put_lines(struct send_trace *trace, const char *mark, struct view text)
{
	struct view line;
	while (trace->fd >= 0 && view_next_line(&text, &line))
		put_line(trace, mark, line);
}

static void end_body(struct send_trace *trace, const char *mark)
{
	char text[80];
	if (trace->body_more > 0) {
		(void)snprintf(text, sizeof text, "[%llu more octets of the message]",
			       (unsigned long long)trace->body_more);
		put_line(trace, mark, view_str(text));
	}
	trace->body = trace->body_more = 0;
}

/* "->" and "<-" in the clear, "~>" and "<~" under TLS, "**" what happened (as swaks has them). */
void send_trace_put(void *ctx, enum smtp_trace what, bool tls, struct view text)
{
	struct send_trace *trace = ctx;
	const char *out = tls ? "~>" : "->";
	if (trace->fd < 0)
		return;
	if (what == SMTP_TRACE_BODY) {
		size_t room = trace->body < BODY_SHOWN ? BODY_SHOWN - (size_t)trace->body : 0;
		struct view shown = view_to(text, room);
		trace->body += shown.n;
		trace->body_more += text.n - shown.n;
		put_lines(trace, out, shown);
		return;
	}
	end_body(trace, out);
	put_lines(trace,
		  what == SMTP_TRACE_SENT       ? out
		  : what == SMTP_TRACE_RECEIVED ? (tls ? "<~" : "<-")
						: "**",
		  text);
}

static void write_log_line(struct send_run *run, const struct send_message *message, const struct send_result *result,
			   struct buf *out)
{
	static const char *const words[] = { "delivered", "deferred", "failed", "in_doubt" };
	BUF_AUTO struct buf address;
	buf_init(&address, 2000);
	msg_addr_write(result->to, &address);
	buf_str(out, "to=");
	show_write(buf_view(&address), out);
	buf_reset(&address);
	msg_addr_write(&message->sender, &address);
	buf_str(out, " from=<");
	show_write(buf_view(&address), out);
	buf_printf(out, "> status=%s", words[result->status]);
	if (result->mx != NULL)
		buf_printf(out, " server=%s", SHOW(view_str(result->mx)));
	if (result->tls_protocol != NULL)
		buf_printf(out, " tls=%s", result->tls_protocol);
	buf_printf(out, " octets=%llu message-id=", (unsigned long long)result->octets);
	show_write(message->message_id, out);
	buf_printf(out, " code=%u exit=%d reply=\"", result->code, err_exit_code(result->err));
	show_write(view_to(result->reply, LINE_MAX_OCTETS), out);
	buf_byte(out, '"');
	(void)run;
}

static void log_to_file(struct send_run *run, const char *path, struct view lines)
{
	struct diag diag;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
	enum err err = fd < 0 ? diag_errno(&diag, path, errno) : file_write_fd(fd, path, lines, &diag);
	if (fd >= 0)
		(void)close(fd);
	if (err != ERR_OK)
		cmd_report(run->cmd, "--log", err, &diag);
}

void send_log(struct send_run *run, const struct send_message *message, const struct send_results *results)
{
	const char *path = send_setting(run, run->opts->log, "log");
	if (path == NULL)
		return;
	bool to_syslog = strcmp(path, "syslog") == 0;
	BUF_AUTO struct buf lines;
	buf_init(&lines, 64 << 20);
	if (to_syslog)
		openlog("posthorn", LOG_PID, LOG_MAIL);
	for (size_t i = 0; i < results->n; i++) {
		if (to_syslog) {
			buf_reset(&lines);
			write_log_line(run, message, &results->at[i], &lines);
			syslog(results->at[i].status == SEND_DELIVERED ? LOG_INFO : LOG_WARNING, "%.*s",
			       VIEW_ARG(buf_view(&lines)));
			continue;
		}
		char when[BASE_TIME_MAX];
		base_time_rfc3339(env_wall_s(run->cmd->env), when);
		buf_printf(&lines, "%s ", when);
		write_log_line(run, message, &results->at[i], &lines);
		buf_byte(&lines, '\n');
	}
	if (!to_syslog)
		log_to_file(run, path, buf_view(&lines));
}
