#include "smtp_txn.h"

const char *smtp_stage_name(enum smtp_stage stage)
{
	static const char *const names[] = {
		[SMTP_STAGE_CONNECT] = "connection", [SMTP_STAGE_GREETING] = "greeting",
		[SMTP_STAGE_EHLO] = "EHLO",          [SMTP_STAGE_TLS] = "STARTTLS",
		[SMTP_STAGE_AUTH] = "AUTH",          [SMTP_STAGE_MAIL] = "MAIL FROM",
		[SMTP_STAGE_RCPT] = "RCPT TO",       [SMTP_STAGE_DATA] = "DATA",
		[SMTP_STAGE_DOT] = "end of message",
	};
	return names[stage];
}

/* RFC 3463 and RFC 7504, 7505: which 5yz say that mailbox or host does not exist. */
static enum err error_of_enhanced(const struct smtp_enhanced *e)
{
	static const struct {
		unsigned subject, detail;
		enum err err;
	} rows[] = {
		{ 1, 1, ERR_NO_USER },  /* bad destination mailbox address */
		{ 1, 2, ERR_NO_HOST },  /* bad destination system address */
		{ 1, 3, ERR_NO_USER },  /* bad destination mailbox address syntax */
		{ 1, 6, ERR_NO_USER },  /* mailbox has moved */
		{ 1, 10, ERR_NO_HOST }, /* null MX */
		{ 4, 4, ERR_NO_HOST },  /* unable to route */
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (e->subject == rows[i].subject && e->detail == rows[i].detail)
			return rows[i].err;
	return ERR_UNAVAILABLE;
}

static enum err error_of_permanent(const struct smtp_reply *reply, enum smtp_stage stage)
{
	/* RFC 4954 6: authentication required, too weak, or encryption needed for it. */
	if (reply->code == 530 || reply->code == 534 || reply->code == 535 || reply->code == 538)
		return ERR_DENIED;
	if (stage != SMTP_STAGE_RCPT)
		return ERR_UNAVAILABLE;
	if (reply->enhanced.class == 5)
		return error_of_enhanced(&reply->enhanced);
	/* RFC 5321 4.2.3: 550, 551 and 553 are about the mailbox where no enhanced code says otherwise; 556 about its host. */
	if (reply->code == 550 || reply->code == 551 || reply->code == 553)
		return ERR_NO_USER;
	return reply->code == 556 ? ERR_NO_HOST : ERR_UNAVAILABLE;
}

struct smtp_result smtp_result_of(const struct smtp_reply *reply, enum smtp_stage stage, struct arena *arena)
{
	struct smtp_result result = { .stage = stage, .code = reply->code, .enhanced = reply->enhanced };
	BUF_AUTO struct buf text;
	buf_init(&text, reply->raw.n + 1);
	smtp_reply_write(reply, &text);
	result.reply = arena_view(arena, buf_view(&text));
	if (reply->code < 400) {
		result.status = SMTP_DELIVERED;
	} else if (reply->code < 500) {
		result.status = SMTP_DEFERRED;
		result.err = ERR_TEMP;
	} else {
		result.status = SMTP_FAILED;
		result.err = error_of_permanent(reply, stage);
	}
	return result;
}
