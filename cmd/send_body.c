#include "base_show.h"
#include "markdown.h"
#include "msg_fold.h"
#include "send_priv.h"
#include <unistd.h>

/* What the message says and carries, as a tree of parts: mixed( related( alternative( plain, html ), pictures ), attachments ). */

enum { SEND_MARKUP_MAX = 16 << 20 };

struct body {
	struct send_run *run;
	struct send_content *content;
	struct diag *diag;
	struct send_input *text, *html; /* NULL: none */
};

static struct msg_part *part_new(struct body *self, const char *type)
{
	struct msg_part *part = arena_new(self->run->cmd->arena, struct msg_part);
	part->type = view_str(type);
	return part;
}

static struct msg_part *part_of(struct body *self, const char *type, struct send_input *input)
{
	struct msg_part *part = part_new(self, type);
	part->content = input->source;
	part->octets = input->octets;
	return part;
}

static void append(struct msg_part *multi, struct msg_part *child)
{
	struct msg_part **end = &multi->first;
	while (*end != NULL)
		end = &(*end)->next;
	*end = child;
}

static void add_param(struct body *self, struct msg_part *part, struct view name, struct view value)
{
	struct msg_part_param *param = arena_new(self->run->cmd->arena, struct msg_part_param);
	*param = (struct msg_part_param){ name, value, part->params };
	part->params = param;
}

/* A text that an option gives, in UTF-8. */
static enum err read_input(struct body *self, const char *path, const char *what, struct send_input **out)
{
	enum err err = send_input_file(self->content, path, what, out, self->diag);
	if (err == ERR_OK && self->run->opts->charset != NULL)
		err = send_input_convert(self->content, self->run->opts->charset, out, self->diag);
	return err == ERR_OK ? err : diag_prefix(self->diag, err, "%s", what);
}

static enum err read_plain(struct body *self)
{
	const struct send_opts *opts = self->run->opts;
	if (opts->body != NULL)
		return send_input_text(self->content, view_str(opts->body), &self->text, self->diag);
	if (opts->body_file != NULL)
		return read_input(self, opts->body_file, "--body-file", &self->text);
	return ERR_OK;
}

/* Octets that a text made from another one is kept in. */
static enum err keep(struct body *self, struct buf *text, struct send_input **out)
{
	if (buf_err(text) != ERR_OK)
		return diag_set(self->diag, ERR_LIMIT, "the text becomes longer than %zu octets", text->max);
	return send_input_text(self->content, buf_view(text), out, self->diag);
}

static enum err read_css(struct body *self, struct view *css)
{
	*css = view_none();
	if (self->run->opts->css == NULL)
		return ERR_OK;
	struct send_input *input;
	enum err err = read_input(self, self->run->opts->css, "--css", &input);
	return err == ERR_OK ? send_input_view(self->content, input, SEND_MARKUP_MAX, css, self->diag) : err;
}

static enum err render_markdown(struct body *self, struct view source)
{
	struct markdown_opts how = { .allow_html = self->run->opts->allow_html,
				     .title = view_str(self->run->opts->subject) };
	BUF_AUTO struct buf html, text;
	buf_init(&html, SEND_MARKUP_MAX * 4UL);
	buf_init(&text, SEND_MARKUP_MAX * 4UL);
	enum err err = read_css(self, &how.css);
	if (err == ERR_OK)
		err = markdown_render(source, &how, &html, self->text == NULL ? &text : NULL, self->diag);
	if (err == ERR_OK)
		err = keep(self, &html, &self->html);
	if (err == ERR_OK && self->text == NULL)
		err = keep(self, &text, &self->text);
	return err;
}

static enum err read_markdown(struct body *self)
{
	struct send_input *input;
	struct view source;
	enum err err = read_input(self, self->run->opts->markdown, "--markdown", &input);
	if (err == ERR_OK)
		err = send_input_view(self->content, input, SEND_MARKUP_MAX, &source, self->diag);
	return err == ERR_OK ? render_markdown(self, source) : err;
}

static enum err read_html(struct body *self)
{
	struct view source;
	enum err err = read_input(self, self->run->opts->html, "--html", &self->html);
	if (err != ERR_OK || self->text != NULL)
		return err;
	err = send_input_view(self->content, self->html, SEND_MARKUP_MAX, &source, self->diag);
	BUF_AUTO struct buf text;
	buf_init(&text, SEND_MARKUP_MAX * 4UL);
	if (err == ERR_OK)
		markdown_html_text(source, &text);
	return err == ERR_OK ? keep(self, &text, &self->text) : err;
}

static enum err read_texts(struct body *self)
{
	const struct send_opts *opts = self->run->opts;
	enum err err = read_plain(self);
	if (err == ERR_OK && opts->markdown != NULL)
		err = read_markdown(self);
	if (err == ERR_OK && opts->html != NULL)
		err = read_html(self);
	bool none = opts->body == NULL && opts->body_file == NULL && opts->markdown == NULL && opts->html == NULL;
	if (err == ERR_OK && none)
		err = read_input(self, "-", "the text", &self->text);
	return err;
}

/* One of --attach, --inline, --ical. */
static enum err read_file(struct body *self, const char *text, const char *what, struct msg_attach_spec *spec,
			  struct msg_part **out)
{
	enum err err = msg_attach_parse(view_str(text), spec, self->diag);
	if (err != ERR_OK)
		return diag_prefix(self->diag, err, "%s", what);
	struct send_input *input;
	err = send_input_file(self->content, arena_cstr(self->run->cmd->arena, spec->path), what, &input, self->diag);
	if (err != ERR_OK)
		return err;
	struct view name = msg_base_name(spec->name.p != NULL ? spec->name : spec->path);
	if (view_is(name, "-"))
		name = VIEW("stdin");
	*out = part_of(self, "", input);
	(*out)->type = spec->type.p != NULL ? spec->type : msg_type_of_name(name);
	(*out)->name = name;
	(*out)->disposition = "attachment";
	(*out)->attached = true;
	return ERR_OK;
}

static enum err add_attachments(struct body *self, struct msg_part *mixed)
{
	const struct opt_texts *files = &self->run->opts->attach;
	for (size_t i = 0; i < files->n; i++) {
		struct msg_attach_spec spec;
		struct msg_part *part;
		enum err err = read_file(self, files->at[i], "--attach", &spec, &part);
		if (err == ERR_OK && spec.method.p != NULL)
			err = diag_set(self->diag, ERR_USAGE, "--attach: ;method= belongs to --ical");
		if (err != ERR_OK)
			return err;
		append(mixed, part);
	}
	return ERR_OK;
}

static enum err add_pictures(struct body *self, struct msg_part *related)
{
	const struct opt_texts *files = &self->run->opts->inlined;
	for (size_t i = 0; i < files->n; i++) {
		struct msg_attach_spec spec;
		struct msg_part *part;
		enum err err = read_file(self, files->at[i], "--inline", &spec, &part);
		if (err != ERR_OK)
			return err;
		part->disposition = "inline";
		part->cid = part->name;
		append(related, part);
	}
	return ERR_OK;
}

/* RFC 6047 2.4: text/calendar with its method, beside the text; one more copy as a file for readers that want one. */
static enum err add_calendars(struct body *self, struct msg_part *alternative)
{
	const struct opt_texts *files = &self->run->opts->ical;
	for (size_t i = 0; i < files->n; i++) {
		struct msg_attach_spec spec;
		struct msg_part *part;
		enum err err = read_file(self, files->at[i], "--ical", &spec, &part);
		if (err != ERR_OK)
			return err;
		part->type = VIEW("text/calendar");
		part->attached = false;
		part->disposition = NULL;
		part->name = view_none();
		add_param(self, part, VIEW("method"), spec.method.p != NULL ? spec.method : VIEW("REQUEST"));
		append(alternative, part);
	}
	return ERR_OK;
}

/* From the inside out; msg_compose_init takes out the multiparts that hold one part. */
static enum err build(struct body *self, struct msg_part **root)
{
	struct msg_part *alternative = part_new(self, "multipart/alternative");
	struct msg_part *related = part_new(self, "multipart/related");
	struct msg_part *mixed = part_new(self, "multipart/mixed");
	bool files = self->run->opts->attach.n > 0 || self->run->opts->ical.n > 0;
	if (self->text != NULL && (self->text->octets > 0 || self->html == NULL) && !(self->text->octets == 0 && files))
		append(alternative, part_of(self, "text/plain", self->text));
	if (self->html != NULL) {
		add_param(self, related, VIEW("type"), VIEW("text/html"));
		append(related, part_of(self, "text/html", self->html));
	}
	enum err err = add_pictures(self, related);
	if (err == ERR_OK && related->first != NULL)
		append(alternative, related);
	if (err == ERR_OK)
		err = add_calendars(self, alternative);
	if (alternative->first != NULL)
		append(mixed, alternative);
	if (err == ERR_OK)
		err = add_attachments(self, mixed);
	*root = mixed;
	return err;
}

static enum err check_options(const struct send_opts *opts, struct diag *diag)
{
	if (opts->body != NULL && opts->body_file != NULL)
		return diag_set(diag, ERR_USAGE, "--body and --body-file: one text is enough");
	if (opts->markdown != NULL && opts->html != NULL)
		return diag_set(diag, ERR_USAGE, "--markdown and --html: both make the HTML part");
	if (opts->css != NULL && opts->markdown == NULL)
		return diag_set(diag, ERR_USAGE, "--css needs --markdown");
	if (opts->inlined.n > 0 && opts->markdown == NULL && opts->html == NULL)
		return diag_set(diag, ERR_USAGE, "--inline needs an HTML part that shows it: --html or --markdown");
	return ERR_OK;
}

enum err send_make_parts(struct send_run *run, struct send_content *content, struct msg_part **root, bool *empty,
			 struct diag *diag)
{
	struct body self = { .run = run, .content = content, .diag = diag };
	const struct send_opts *opts = run->opts;
	enum err err = check_options(opts, diag);
	if (err == ERR_OK)
		err = read_texts(&self);
	if (err != ERR_OK)
		return err;
	bool files = opts->attach.n > 0 || opts->ical.n > 0;
	*empty = self.html == NULL && (self.text == NULL || self.text->octets == 0) && !files;
	if (*empty && opts->if_output)
		return ERR_OK;
	if (*empty && !opts->allow_empty)
		return diag_set(
			diag, ERR_DATA,
			"the text is empty (--allow-empty sends it all the same, --if-output then sends nothing)");
	*empty = false;
	return build(&self, root);
}
