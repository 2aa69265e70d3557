#include <stdlib.h>

#include "base_show.h"
#include "base_utf8.h"
#include "spf_eval.h"

enum { TERM_COLUMNS = 46, ANSWERS_SHOWN = 3, PREFIX_MAX = 4096 };

static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct view value = view_str(getenv(names[i]));
		if (value.n > 0)
			return view_find_case(value, VIEW("utf-8")) != SIZE_MAX ||
			       view_find_case(value, VIEW("utf8")) != SIZE_MAX;
	}
	return false;
}

void spf_draw_init(struct spf_draw *draw, struct cmd *cmd)
{
	*draw = (struct spf_draw){ .cmd = cmd, .limits = spf_limits_default, .ascii = !locale_is_utf8() };
}

static void put_style(const struct spf_draw *draw, enum cmd_style style, struct buf *out)
{
	buf_str(out, cmd_style(draw->cmd, style));
}

static void put_answers(const struct spf_step *step, struct buf *out)
{
	for (size_t i = 0; i < step->answers.n && i < ANSWERS_SHOWN; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "", SHOW(step->answers.at[i]));
	if (step->answers.n > ANSWERS_SHOWN)
		buf_printf(out, " and %zu more", step->answers.n - ANSWERS_SHOWN);
}

/* What came of the term: in words. */
static void put_outcome(const struct spf_draw *draw, const struct spf_step *step, bool decides, struct buf *out)
{
	static const char *const nothing[] = {
		[DNS_OK] = "", [DNS_NODATA] = "no data", [DNS_NXDOMAIN] = "no such name", [DNS_TEMP] = "no answer"
	};
	if (!step->reached) {
		put_style(draw, CMD_DIM, out);
		buf_str(out, "not reached");
		put_style(draw, CMD_RESET, out);
		return;
	}
	if (step->matched) {
		put_style(draw, CMD_GREEN, out);
		buf_str(out, step->term->kind == SPF_REDIRECT ? "taken" : "match");
		put_style(draw, CMD_RESET, out);
	} else if (step->child != NULL && !draw->survey) {
		bool error = step->child->result >= SPF_TEMPERROR || step->problem != NULL;
		buf_printf(out, "%s%s (%s)%s", error ? cmd_style(draw->cmd, CMD_RED) : "", error ? "error" : "no match",
			   spf_result_name(step->child->result), error ? cmd_style(draw->cmd, CMD_RESET) : "");
	} else if (step->problem != NULL) {
		put_style(draw, draw->survey ? CMD_YELLOW : CMD_RED, out);
		buf_str(out, step->problem);
		put_style(draw, CMD_RESET, out);
	} else if (step->asked && step->status != DNS_OK) {
		buf_str(out, nothing[step->status]);
	} else if (!draw->survey && step->term->kind < SPF_REDIRECT) {
		buf_str(out, "no match");
	}
	if (step->answers.n > 0) {
		buf_str(out, view_last(buf_view(out)) == ' ' ? "(" : " (");
		put_answers(step, out);
		buf_byte(out, ')');
	}
	if (decides && step->child == NULL) {
		put_style(draw, CMD_BOLD, out);
		buf_str(out, draw->ascii ? "  <- decides" : "  ◀ decides");
		put_style(draw, CMD_RESET, out);
	}
}

/* "7/10", with includes "3-7/10", "8/10 void 1/2": behind terms that count. */
static void put_counts(const struct spf_draw *draw, const struct spf_step *step, struct buf *out)
{
	if (step->own == 0)
		return;
	bool over = step->lookups > draw->limits.lookups || step->voids > draw->limits.voids;
	if (over)
		put_style(draw, CMD_RED, out);
	if (step->lookups > step->own)
		buf_printf(out, "%u-", step->own);
	buf_printf(out, "%u/%u", step->lookups, draw->limits.lookups);
	if (step->voided)
		buf_printf(out, " void %u/%u", step->voids, draw->limits.voids);
	if (over)
		put_style(draw, CMD_RESET, out);
	buf_str(out, "  ");
}

static void draw_steps(const struct spf_draw *draw, const struct spf_visit *visit, struct buf *prefix, bool on_path);

static void draw_step(const struct spf_draw *draw, const struct spf_step *step, struct buf *prefix, bool last,
		      bool decides)
{
	BUF_AUTO struct buf line;
	buf_init(&line, 65536);
	buf_put(&line, buf_view(prefix));
	buf_str(&line, draw->ascii ? (last ? "`- " : "|- ") : last ? "└─ " : "├─ ");
	show_write(view_to(step->term->text, 200), &line);
	if (step->target.n > 0 && step->term->macros) {
		buf_str(&line, draw->ascii ? " -> " : " → ");
		show_write(view_to(step->target, 253), &line);
	}
	size_t columns = utf8_columns(buf_view(&line));
	buf_byte(&line, ' ');
	buf_fill(&line, '.', columns < TERM_COLUMNS ? TERM_COLUMNS - columns : 1);
	buf_byte(&line, ' ');
	put_counts(draw, step, &line);
	put_outcome(draw, step, decides, &line);
	while (view_last(buf_view(&line)) == ' ' || view_last(buf_view(&line)) == '.')
		buf_cut(&line, line.n - 1);
	buf_byte(&line, '\n');
	cmd_out_view(draw->cmd, buf_view(&line));
	if (step->child == NULL || prefix->n + 8 > PREFIX_MAX)
		return;
	size_t before = prefix->n;
	buf_str(prefix, last ? "   " : draw->ascii ? "|  " : "│  ");
	draw_steps(draw, step->child, prefix, decides);
	buf_cut(prefix, before);
}

static bool is_drawn(const struct spf_step *step) { return step->term->kind != SPF_UNKNOWN; }

static void draw_steps(const struct spf_draw *draw, const struct spf_visit *visit, struct buf *prefix, bool on_path)
{
	size_t last = visit->n;
	for (size_t i = 0; i < visit->n; i++)
		if (is_drawn(&visit->steps[i]))
			last = i;
	for (size_t i = 0; i < visit->n; i++)
		if (is_drawn(&visit->steps[i]))
			draw_step(draw, &visit->steps[i], prefix, i == last, on_path && visit->steps[i].decides);
}

void spf_draw_tree(const struct spf_draw *draw, const struct spf_visit *visit)
{
	struct cmd *cmd = draw->cmd;
	cmd_out_str(cmd, cmd_style(cmd, CMD_BOLD));
	cmd_out_shown(cmd, visit->domain);
	cmd_out_printf(cmd, "%s  ", cmd_style(cmd, CMD_RESET));
	if (visit->policy != NULL && visit->policy->records == 1)
		cmd_out_shown(cmd, visit->policy->record.text);
	else
		cmd_out_str(cmd, "has no record that can be used");
	cmd_out_str(cmd, "\n");
	BUF_AUTO struct buf prefix;
	buf_init(&prefix, PREFIX_MAX);
	draw_steps(draw, visit, &prefix, true);
}

/* Deeper than JSON can nest is not written; an evaluation's limits keep it at a third of that. */
static void json_child(struct json *json, const struct spf_visit *visit, bool survey)
{
	json_key_view(json, "domain", visit->domain);
	bool has_record = visit->policy != NULL && visit->policy->records == 1;
	if (has_record)
		json_key_view(json, "record", visit->policy->record.text);
	else
		json_key_null(json, "record");
	json_key_str(json, "result", visit->policy != NULL && !survey ? spf_result_name(visit->result) : NULL);
	if (json->depth + 4 < JSON_DEPTH)
		spf_json_steps(json, "children", visit, survey);
}

static void json_step(struct json *json, const struct spf_step *step, bool survey)
{
	json_object(json);
	json_key_view(json, "term", step->term->text);
	json_key_str(json, "kind", spf_kind_name(step->term->kind));
	if (step->term->qualifier != 0)
		json_key_view(json, "qualifier", view_of(&step->term->qualifier, 1));
	else
		json_key_null(json, "qualifier");
	if (step->target.n > 0)
		json_key_view(json, "target", step->target);
	json_key_str(json, "dns", step->asked ? dns_status_name(step->status) : NULL);
	json_key_array(json, "answers");
	for (size_t i = 0; i < step->answers.n; i++)
		json_view(json, step->answers.at[i]);
	json_end(json);
	json_key_bool(json, "reached", step->reached);
	json_key_bool(json, "match", step->matched);
	json_key_bool(json, "decides", step->decides);
	if (step->own > 0)
		json_key_uint(json, "lookup", step->own);
	else
		json_key_null(json, "lookup");
	json_key_uint(json, "lookups", step->lookups);
	json_key_uint(json, "void_lookups", step->voids);
	json_key_str(json, "problem", step->problem);
	if (step->child != NULL)
		json_child(json, step->child, survey);
	json_end(json);
}

void spf_json_steps(struct json *json, const char *key, const struct spf_visit *visit, bool survey)
{
	json_key_array(json, key);
	for (size_t i = 0; visit != NULL && i < visit->n; i++)
		json_step(json, &visit->steps[i], survey);
	json_end(json);
}
