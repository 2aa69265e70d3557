#include <errno.h>
#include <unistd.h>

#include "base_ascii.h"
#include "base_file.h"
#include "base_show.h"
#include "dns_bulk.h"
#include "spf_eval.h"

/*
 * --list: many evaluations in one thread (dns_bulk.h). They end in any order; results come out in the order of the
 * lines, so each keeps its text until those before it are out.
 */
enum { WINDOW = 256, RING = 1024, LINE_MAX_OCTETS = 4096, BLOCK = 64 << 10, TEXT_MAX = 1 << 20 };

struct job {
	struct dns_task task;
	struct list *list;
	struct spf_request request;
	struct spf_verdict verdict;
	uint64_t line;
	int64_t started_us; /* of env_mono_us */
	bool over;
	struct buf shown;
	char text[LINE_MAX_OCTETS];
};

struct list {
	struct cmd *cmd;
	struct spf_context context;
	struct dns_bulk *bulk;
	struct job **jobs; /* a ring of RING, made when first used */
	size_t head, n;
	const char *name;
	int fd;
	struct buf input;
	size_t at; /* of the next line in it */
	bool input_ended;
	uint64_t line;
	bool any_bad, any_temp, any_no;
};

static void job_run(struct dns_task *task, struct dns_resolver *resolver, struct arena *arena)
{
	struct job *job = (struct job *)(void *)task;
	struct spf_context context = job->list->context;
	struct spf_limits limits = spf_limits_default;
	int64_t left_ms = limits.time_ms - (env_mono_us(context.env) - job->started_us) / 1000;
	limits.time_ms = left_ms > 0 ? left_ms : 0;
	context.limits = &limits;
	context.resolver = resolver;
	spf_eval(&context, arena, &job->request, &job->verdict);
}

static void show_text(struct job *job)
{
	const struct cmd *cmd = job->list->cmd;
	struct buf *out = &job->shown;
	buf_printf(out, "%s%-9s%s  %s  %s  ", cmd_style(cmd, spf_result_style(job->verdict.result)),
		   spf_result_name(job->verdict.result), cmd_style(cmd, CMD_RESET), IP_SHOW(&job->request.ip),
		   SHOW(job->verdict.sender));
	spf_sentence(&job->request, &job->verdict, out);
	buf_byte(out, '\n');
}

static void show_json(struct job *job)
{
	const struct spf_eval_opts *given = job->list->cmd->opts;
	struct json json;
	json_init(&json, &job->shown);
	json_object(&json);
	json_key_uint(&json, "v", 1);
	json_key_uint(&json, "line", job->line);
	spf_show_json(&json, &job->request, &job->verdict, given->tree);
	json_end(&json);
	buf_byte(&job->shown, '\n');
}

static void job_over(struct dns_task *task)
{
	struct job *job = (struct job *)(void *)task;
	struct list *list = job->list;
	const struct spf_eval_opts *given = list->cmd->opts;
	int code = spf_exit_code(given, job->verdict.result);
	list->any_temp = list->any_temp || code == 75;
	list->any_no = list->any_no || code == 1;
	if (given->common.json)
		show_json(job);
	else
		show_text(job);
	job->over = true;
}

static struct job *job_at(struct list *list, size_t i)
{
	struct job **place = &list->jobs[(list->head + i) % RING];
	if (*place == NULL) {
		*place = arena_new(list->cmd->arena, struct job);
		buf_init(&(*place)->shown, TEXT_MAX);
	}
	return *place;
}

/* What is over at the front goes out. */
static void drain(struct list *list)
{
	for (struct job *job; list->n > 0 && (job = job_at(list, 0))->over;) {
		cmd_out_view(list->cmd, buf_view(&job->shown));
		buf_reset(&job->shown);
		list->head = (list->head + 1) % RING;
		list->n--;
	}
}

static void bad_line(struct list *list, const char *why)
{
	list->any_bad = true;
	cmd_error(list->cmd, "%s:%llu: %s", list->name, (unsigned long long)list->line, why);
}

static struct view next_word(struct view *rest)
{
	size_t from = 0;
	while (from < rest->n && ascii_is_space(view_at(*rest, from)))
		from++;
	size_t to = from;
	while (to < rest->n && !ascii_is_space(view_at(*rest, to)))
		to++;
	struct view word = view_slice(*rest, from, to - from);
	*rest = view_from(*rest, to);
	return word;
}

/* "ip sender helo"; the null sender is <> or -. False: not a job. */
static bool read_job(struct list *list, struct view line, struct job *job)
{
	const struct spf_eval_opts *given = list->cmd->opts;
	if (line.n > sizeof job->text) {
		bad_line(list, "longer than 4096 octets");
		return false;
	}
	memcpy(job->text, line.p, line.n);
	struct view rest = view_of(job->text, line.n);
	struct view ip = next_word(&rest);
	if (ip.n == 0 || view_at(ip, 0) == '#')
		return false;
	job->request = (struct spf_request){ .sender = next_word(&rest), .helo = next_word(&rest) };
	job->request.receiver = view_str(given->receiver);
	if (job->request.helo.n == 0)
		job->request.helo = view_str(given->helo);
	if (!ip_parse(ip, &job->request.ip)) {
		bad_line(list, "the first word is no IP address (a line is: ip sender helo)");
		return false;
	}
	struct view sender = job->request.sender;
	if (view_at(sender, 0) == '<' && view_last(sender) == '>')
		job->request.sender = view_slice(sender, 1, sender.n - 2);
	else if (view_is(sender, "-"))
		job->request.sender = view_none();
	if (job->request.sender.n == 0 && job->request.helo.n == 0) {
		bad_line(list, "neither a sender nor a HELO name (a line is: ip sender helo)");
		return false;
	}
	return true;
}

static enum err read_more(struct list *list, struct diag *diag)
{
	buf_drop(&list->input, list->at);
	list->at = 0;
	char *room = buf_room(&list->input, BLOCK);
	if (room == NULL)
		return diag_set(diag, ERR_LIMIT, "%s: a line of more than %d octets", list->name, BLOCK);
	ssize_t n = read(list->fd, room, BLOCK);
	if (n < 0)
		return diag_errno(diag, list->name, errno);
	buf_grew(&list->input, (size_t)n);
	list->input_ended = n == 0;
	return ERR_OK;
}

/* Take one more line off the input; *line is good until the next call. */
static enum err next_line(struct list *list, struct view *line, bool *more, struct diag *diag)
{
	enum err err = ERR_OK;
	while (err == ERR_OK) {
		struct view have = view_from(buf_view(&list->input), list->at);
		size_t end = view_find_byte(have, '\n');
		*more = end != SIZE_MAX || (list->input_ended && have.n > 0);
		if (*more) {
			*line = view_to(have, end);
			list->at += end == SIZE_MAX ? have.n : end + 1;
			list->line++;
			return ERR_OK;
		}
		if (list->input_ended)
			return ERR_OK;
		err = read_more(list, diag);
	}
	return err;
}

static struct view domain_of(const struct job *job)
{
	struct view v = job->request.sender.n > 0 ? job->request.sender : job->request.helo;
	for (size_t at; (at = view_find_byte(v, '@')) != SIZE_MAX;)
		v = view_from(v, at + 1);
	return v;
}

static bool same_domain(const struct job *a, const struct job *b) { return view_eq_case(domain_of(a), domain_of(b)); }

static void start_job(struct list *list, struct view line)
{
	if (list->n == RING)
		dns_bulk_finish(list->bulk);
	drain(list);
	struct job *job = job_at(list, list->n);
	job->task = (struct dns_task){ .run = job_run, .over = job_over };
	job->list = list;
	job->line = list->line;
	job->over = false;
	job->started_us = env_mono_us(list->cmd->env);
	if (!read_job(list, line, job))
		return;
	if (list->n > 0 && same_domain(job, job_at(list, list->n - 1)))
		dns_bulk_finish(list->bulk); /* then the record is known, and this one need not wait for it */
	list->n++;
	dns_bulk_start(list->bulk, &job->task);
}

static enum err run_list(struct list *list, struct diag *diag)
{
	bool more = true;
	while (!cmd_out_failed(list->cmd)) {
		struct view line;
		enum err err = next_line(list, &line, &more, diag);
		if (err != ERR_OK || !more)
			return err;
		start_job(list, line);
	}
	return ERR_OK;
}

static void done(struct list *list)
{
	dns_bulk_close(&list->bulk);
	for (size_t i = 0; i < RING; i++)
		if (list->jobs[i] != NULL)
			buf_done(&list->jobs[i]->shown);
	buf_done(&list->input);
}

enum err spf_list_run(struct cmd *cmd, struct spf_context *context, struct diag *diag)
{
	const struct spf_eval_opts *given = cmd->opts;
	struct list list = { .cmd = cmd, .context = *context, .name = given->list };
	FD_AUTO int fd = -1;
	enum err err = view_is(view_str(given->list), "-") ? cmd_claim(cmd, CMD_STDIN, "--list", diag) : ERR_OK;
	if (err == ERR_OK)
		err = file_open(given->list, &fd, diag);
	if (err != ERR_OK)
		return err;
	list.fd = fd;
	list.context.trace = given->tree;
	buf_init(&list.input, (size_t)4 * BLOCK);
	list.jobs = arena_array(cmd->arena, RING, sizeof(struct job *));
	list.bulk = dns_bulk_open(context->resolver, WINDOW);
	err = run_list(&list, diag);
	if (!cmd_out_failed(cmd))
		dns_bulk_finish(list.bulk);
	drain(&list);
	done(&list);
	cmd->exit_code = list.any_bad ? 65 : list.any_no ? 1 : list.any_temp ? 75 : 0;
	return err;
}
