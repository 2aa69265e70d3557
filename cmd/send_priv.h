#pragma once

#include "base_spool.h"
#include "config.h"
#include "msg_compose.h"
#include "msg_raw.h"
#include "send.h"

/* Shared by the files of `send` that make a message. Everything lives in the arena of the command unless said otherwise. */

extern const struct opt send_opts_table[];

/* send_input.c: files and stdin as rewindable sources. */
struct send_input {
	struct source *source;
	uint64_t octets;
	struct send_input *next; /* of those to close */
	struct spool *spool;     /* or */
	struct send_file *file;
};

/* Everything a message holds open until it is sent. */
struct send_content {
	struct send_input *inputs;
	enum err (*open)(struct send_content *self, bool seven, struct source **source, uint64_t *octets,
			 struct diag *diag);
	struct send_run *run;
	bool opened, seven; /* in which form it was opened last */
	uint64_t octets;    /* of that form, without the signatures */

	struct msg_compose compose; /* a message that we wrote */
	bool composed;
	struct msg_compose *inner[2]; /* entities that S/MIME wrapped */
	size_t n_inner;

	struct msg_raw raw; /* or one that somebody else wrote */
	struct view raw_head;
	struct msg_raw_source raw_source;
	bool raw_open;

	struct send_dkim *dkim; /* send_dkim.c; NULL: no signature */
	struct view prefix;     /* the signatures */
	struct source with_prefix;
	struct source *behind;
	size_t prefix_at;
};

void send_content_done(struct send_content *content);

/*
 * A file that is read when it is its turn, and must be the same each time (ERR_IO: "changed while it was sent"); what is no
 * regular file is spooled first. "-" is stdin. `what` is the option that names it.
 * errors  ERR_NO_INPUT, ERR_IO, ERR_USAGE (stdin is taken)
 */
MUST_CHECK enum err send_input_file(struct send_content *content, const char *path, const char *what,
				    struct send_input **out, struct diag *diag);
MUST_CHECK enum err send_input_text(struct send_content *content, struct view text, struct send_input **out,
				    struct diag *diag);
/* A new empty spool as input: fill it through spool->sink, then set octets. */
struct send_input *send_input_spool(struct send_content *content);
/* The whole of an input in memory. errors: ERR_LIMIT */
MUST_CHECK enum err send_input_view(struct send_content *content, struct send_input *input, size_t max,
				    struct view *out, struct diag *diag);
/* The input in UTF-8, converted from `charset`. errors: ERR_USAGE (unknown charset), ERR_DATA */
MUST_CHECK enum err send_input_convert(struct send_content *content, const char *charset, struct send_input **input,
				       struct diag *diag);

/* send_from.c: who writes. Sets message->from and message->sender, and run->account. */
MUST_CHECK enum err send_resolve_from(struct send_run *run, const struct msg_head *raw, struct send_message *message,
				      struct diag *diag);

/* send_rcpt.c */
struct send_lists {
	struct msg_addr_list to, cc, bcc, reply_to;
};
MUST_CHECK enum err send_read_lists(struct send_run *run, struct send_lists *lists, struct diag *diag);
/* All recipients once, in order, without those of --exclude. errors: ERR_USAGE (none) */
MUST_CHECK enum err send_set_recipients(struct send_run *run, const struct msg_addr_list *const *lists, size_t n,
					struct send_message *message, struct diag *diag);
/* A bare name through the aliases and the domain of the configuration; U-labels to A-labels. */
MUST_CHECK enum err send_complete_address(struct send_run *run, struct mailbox *mailbox, struct diag *diag);

/* send_head.c: the header of a message that we write, without its MIME fields. */
MUST_CHECK enum err send_write_head(struct send_run *run, struct send_message *message, struct send_lists *lists,
				    struct view *out, struct diag *diag);
/* -H for a field that has an option of its own goes there. Before anything reads the options. */
MUST_CHECK enum err send_merge_headers(struct send_run *run, struct send_opts *opts, struct diag *diag);
MUST_CHECK enum err send_write_date(struct send_run *run, struct buf *out, struct diag *diag);
MUST_CHECK enum err send_make_message_id(struct send_run *run, struct send_message *message, struct diag *diag);

/* send_body.c: the tree of parts. *empty: there is nothing to send. */
MUST_CHECK enum err send_make_parts(struct send_run *run, struct send_content *content, struct msg_part **root,
				    bool *empty, struct diag *diag);

/* send_compose.c, send_raw.c: a whole message. *nothing: --if-output met empty input. */
MUST_CHECK enum err send_compose(struct send_run *run, struct send_message *message, bool *nothing, struct diag *diag);
MUST_CHECK enum err send_take_raw(struct send_run *run, struct send_message *message, bool *nothing, struct diag *diag);

/* send_dkim.c: read the keys (once), before anything is sent. */
MUST_CHECK enum err send_dkim_prepare(struct send_run *run, struct send_message *message, struct diag *diag);
void send_dkim_done(struct send_dkim *dkim);
/* The signature fields over this source, which is read to its end and rewound. */
MUST_CHECK enum err send_dkim_sign(struct send_dkim *dkim, struct send_run *run, struct source *source,
				   struct view *fields, struct diag *diag);

/* send_smime.c */
MUST_CHECK enum err send_smime(struct send_run *run, struct send_content *content, struct msg_part **root,
			       struct diag *diag);

/* send_local.c: --dump, --maildir, --mbox. *done: one of them took it. */
MUST_CHECK enum err send_local(struct send_run *run, struct send_message *message, struct send_results *results,
			       bool *done, struct diag *diag);
