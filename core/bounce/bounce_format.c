#include "bounce_format_priv.h"

enum { FORMAT_BODY_MAX = 6000 };

static const struct bounce_format formats[] = {
	/* name, From, Subject, field, text, sure, says */
	{ .name = "googlegroups",
	  .body = "groups.google.com/support",
	  .from = "mailer-daemon",
	  .sure = true,
	  .says = "The group may not exist, or you may not have permission to post" },
	{ .name = "exim", .field = "X-Failed-Recipients", .sure = true },
	{ .name = "exim", .body = "this message was created automatically by mail delivery software", .sure = true },
	{ .name = "exim",
	  .body = "a message that you sent could not be delivered to",
	  .from = "mailer-daemon",
	  .sure = true },
	{ .name = "exim-delay", .body = "a message that you sent has not yet been delivered to", .sure = true },
	{ .name = "gmail",
	  .from = "mail delivery subsystem",
	  .body = "delivery to the following recipient",
	  .sure = true },
	{ .name = "gmail", .from = "mail delivery subsystem", .body = "address not found", .sure = true },
	{ .name = "googlegroups", .body = "group you tried to contact", .sure = true },
	{ .name = "qmail", .body = "this is the qmail-send program", .sure = true },
	{ .name = "qmail", .body = "i'm afraid i wasn't able to deliver your message to the following", .sure = true },
	{ .name = "qmail-hi", .body = "hi. this is the", .from = "mailer-daemon", .sure = true },
	{ .name = "qmail-hi", .body = "this is a permanent error; i've given up", .sure = true },
	{ .name = "postfix", .body = "this is the postfix program at host", .sure = true },
	{ .name = "postfix", .body = "this is the mail system at host", .sure = true },
	{ .name = "sendmail", .body = "----- the following addresses had", .sure = true },
	{ .name = "sendmail", .body = "----- transcript of session follows", .sure = true },
	{ .name = "sendmail", .body = "----- the following addresses have", .sure = true },
	{ .name = "sendmail", .body = "the original message was received at", .sure = true },
	{ .name = "sendmail-old", .body = "---transcript of session follows", .sure = true },
	{ .name = "sendmail-v5", .subject = "returned mail:", .body = "transcript of session", .sure = true },
	{ .name = "dragonfly", .body = "this is the dragonfly mail agent", .sure = true },
	{ .name = "opensmtpd", .body = "this is the mailer-daemon, please", .sure = true },
	{ .name = "opensmtpd", .body = "an error has occurred while attempting to deliver a message", .sure = true },
	{ .name = "courier", .body = "this is a delivery status notification from", .sure = true },
	{ .name = "courier", .body = "undeliverable mail", .from = "courier mail server", .sure = true },
	{ .name = "smail", .body = "|------------------------- message log follows", .sure = true },
	{ .name = "smail", .body = "failed addresses follow", .sure = true },
	{ .name = "zmailer", .body = "this is a collection of reports about email delivery", .sure = true },
	{ .name = "masqmail",
	  .body = "the following message could not be delivered",
	  .field = "X-Masqmail",
	  .sure = true },
	{ .name = "mmdf",
	  .body = "your message could not be delivered to the address",
	  .from = "mailer-daemon",
	  .sure = true },
	{ .name = "smtp32",
	  .from = "postmaster",
	  .subject = "undeliverable mail",
	  .field = "X-Mailer: <smtp32",
	  .sure = true },
	{ .name = "imail", .field = "X-Mailer: <smtp32", .sure = true },
	{ .name = "imail", .subject = "undeliverable mail", .body = "undeliverable to", .sure = true },
	{ .name = "mercury", .subject = "failed mail", .body = "mercury", .sure = true },
	{ .name = "mdaemon", .field = "X-MDaemon-Deliver-To", .subject = "warning", .sure = false },
	{ .name = "mdaemon", .body = "the following data may contain sections which represent blocks", .sure = true },
	{ .name = "mailenable",
	  .from = "postmaster",
	  .subject = "message delivery failure",
	  .body = "mailenable",
	  .sure = true },
	{ .name = "surgemail", .body = "your message cannot be delivered to the following recipients", .sure = true },
	{ .name = "kerio", .body = "your message was not delivered to one or more", .sure = true },
	{ .name = "exchange2003", .field = "X-MS-Embedded-Report", .sure = true },
	{ .name = "exchange", .body = "did not reach the following recipient(s):", .sure = true },
	{ .name = "exchange",
	  .body = "your message did not reach some or all of the intended recipients",
	  .sure = true },
	{ .name = "exchange", .body = "the following recipient(s) could not be reached:", .sure = true },
	{ .name = "exchange2007", .body = "diagnostic information for administrators", .sure = true },
	{ .name = "exchange2007", .body = "delivery has failed to these recipients", .sure = true },
	{ .name = "office365", .body = "your message to", .field = "X-MS-Exchange-Message-Is-Ndr", .sure = true },
	{ .name = "office365", .body = "couldn't be delivered", .from = "microsoftexchange", .sure = true },
	{ .name = "domino", .subject = "delivery failure", .body = "was not delivered to:", .sure = true },
	{ .name = "domino", .body = "was not delivered to:", .sure = false },
	{ .name = "notes", .body = "------- failure reasons", .sure = true },
	{ .name = "groupwise", .body = "the message that you sent was undeliverable to the following", .sure = true },
	{ .name = "groupwise", .field = "X-Guinevere", .subject = "undeliver", .sure = true },
	{ .name = "sun-messaging",
	  .body = "this report relates to a message you sent with the following header fields",
	  .sure = true },
	{ .name = "pmdf", .body = "your message cannot be delivered to the following recipients:", .sure = true },
	{ .name = "netscape", .body = "this message was undeliverable due to the following reason", .sure = true },
	{ .name = "novell", .body = "user unknown to this mail system", .sure = false },
	{ .name = "james", .body = "hi. this is the james mail server at", .sure = true },
	{ .name = "powermta",
	  .body = "this message was created automatically by the mail system (ecelerity)",
	  .sure = true },
	{ .name = "powermta", .body = "hello, this is the mail server on", .sure = true },
	{ .name = "yahoo",
	  .body = "sorry, we were unable to deliver your message to the following address",
	  .sure = true },
	{ .name = "yahoo", .body = "message from yahoo", .from = "mailer-daemon", .sure = true },
	{ .name = "aol", .body = "your mail to the following recipients could not be delivered", .sure = true },
	{ .name = "gmx", .body = "this message was created automatically by mail delivery software", .sure = true },
	{ .name = "einsundeins", .body = "the following address failed:", .sure = true },
	{ .name = "einsundeins",
	  .body = "a message that you have sent could not be delivered to one or more",
	  .sure = true },
	{ .name = "mailru", .body = "this message was created automatically by mail.ru", .sure = true },
	{ .name = "yandex", .body = "this is the mail system at host yandex", .sure = true },
	{ .name = "zoho",
	  .body = "this message was created automatically by mail delivery software",
	  .field = "X-ZohoMail",
	  .sure = true },
	{ .name = "mimecast", .body = "this is a message from the mimecast", .sure = true },
	{ .name = "barracuda", .body = "barracuda", .subject = "undeliver", .sure = false },
	{ .name = "messagelabs", .from = "messagelabs", .subject = "mail delivery failure", .sure = true },
	{ .name = "mcafee", .body = "this is the mcafee", .sure = false },
	{ .name = "mcafee", .body = "the following addresses had delivery problems", .sure = true },
	{ .name = "mxlogic", .body = "mxl~", .sure = false },
	{ .name = "mailmarshal", .body = "your message:", .field = "X-MailMarshal", .sure = false },
	{ .name = "mailmarshal", .subject = "undeliverable mail", .body = "mailmarshal", .sure = true },
	{ .name = "interscan", .from = "interscan", .sure = false },
	{ .name = "activehunter", .field = "X-AHMailID", .sure = true },
	{ .name = "m-filter", .body = "-------server message", .sure = true },
	{ .name = "fml", .field = "X-MLServer", .subject = "rejected", .sure = true },
	{ .name = "fml", .field = "X-MLServer", .body = "rejected", .sure = true },
	{ .name = "x1", .from = "mail.dreamhost", .sure = false },
	{ .name = "kddi", .body = "your mail sent on:", .sure = true },
	{ .name = "ezweb", .from = "ezweb.ne.jp", .subject = "mail system error", .sure = true },
	{ .name = "ezweb", .from = "au.com", .subject = "mail system error", .sure = true },
	{ .name = "biglobe", .from = "biglobe.ne.jp", .subject = "returned mail", .sure = true },
	{ .name = "softbank", .from = "softbank.ne.jp", .subject = "mail system error", .sure = true },
	{ .name = "docomo", .from = "docomo.ne.jp", .subject = "mail system error", .sure = true },
	{ .name = "vodafone", .from = "@vodafone", .subject = "mail system error", .sure = true },
	{ .name = "facebook", .from = "mailer-daemon@mx.facebook", .sure = true },
	{ .name = "ses",
	  .from = "mailer-daemon@amazonses.com",
	  .body = "an error occurred while trying to deliver",
	  .sure = true },
	{ .name = "ses",
	  .body = "an error occurred while trying to deliver the mail to the following recipients",
	  .sure = true },
	{ .name = "sendgrid", .body = "this is an automatically generated message from sendgrid", .sure = true },
	{ .name = "verizon", .from = "post_master@vtext", .sure = true },
	{ .name = "verizon", .from = "sysadmin@verizon", .subject = "undeliverable", .sure = true },
	{ .name = "compuserve", .body = "your message could not be delivered for the following reason", .sure = true },
	{ .name = "juno", .body = "the following destination addresses were unknown", .sure = true },
	{ .name = "sina", .body = "this message was bounced by sina", .sure = true },
	{ .name = "exchange", .body = "non-delivery report", .sure = true },
	{ .name = "interscan", .body = "interscan messaging security suite", .sure = true },
	{ .name = "generic", .subject = "delivery failed", .body = "could not be delivered to", .sure = true },
	{ .name = "fml", .field = "X-MLServer", .subject = "not member", .sure = true },
	{ .name = "fml", .field = "X-MLServer", .subject = "loop alert", .sure = true },
	{ .name = "generic", .body = "could not be delivered to the following", .sure = false },
};

static bool has(struct view where, const char *what)
{
	return what == NULL || view_find_case(where, view_str(what)) != SIZE_MAX;
}

static bool has_field(const struct bounce_reader *reader, const char *field)
{
	if (field == NULL)
		return true;
	struct view text = view_str(field);
	struct view name = view_cut(&text, ':');
	struct view value = bounce_field(reader, arena_cstr(reader->arena, name));
	return value.n > 0 && (text.p == NULL || view_find_case(value, view_trim(text)) != SIZE_MAX);
}

const struct bounce_format *bounce_format_find(const struct bounce_reader *reader)
{
	struct view body = view_to(reader->text, FORMAT_BODY_MAX);
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		const struct bounce_format *format = &formats[i];
		if (has(reader->from, format->from) && has(reader->subject, format->subject) &&
		    has(body, format->body) && has_field(reader, format->field))
			return format;
	}
	return NULL;
}

static bool has_any(struct view where, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (view_find_case(where, view_str(words[i])) != SIZE_MAX)
			return true;
	return false;
}

bool bounce_says_delay(const struct bounce_reader *reader)
{
	static const char *const subjects[] = {
		"delayed",           "(delay)",           "warning: could not send", "warning: message",
		"warning - delayed", "still undelivered", "delay notification",      "delivery delay",
		"not yet delivered", "mail warning",      "transient failure",       "could not send message for past"
	};
	static const char *const bodies[] = { "will continue to try",
					      "will keep trying",
					      "still being retried",
					      "has not yet been delivered",
					      "not yet been delivered",
					      "do not need to resend",
					      "don't need to resend",
					      "no action is required",
					      "delivery attempts will continue",
					      "will be retried",
					      "still trying to deliver",
					      "has been delayed",
					      "message is delayed",
					      "delivery is delayed",
					      "warning message only",
					      "attempts to deliver the message will continue",
					      "this is a warning message",
					      "will try again",
					      "delivery will continue to be attempted",
					      "gmail will retry",
					      "message will be retried" };
	static const char *const final[] = { "giving up",           "given up",
					     "permanent",           "has been returned",
					     "no further attempts", "will not be retried",
					     "failed permanently" };
	struct view body = view_to(reader->text, FORMAT_BODY_MAX);
	if (has_any(reader->subject, subjects, ARRAY_LEN(subjects)))
		return true;
	return has_any(body, bodies, ARRAY_LEN(bodies)) && !has_any(body, final, ARRAY_LEN(final));
}

bool bounce_from_system(const struct bounce_reader *reader)
{
	static const char *const names[] = { "mailer-daemon",
					     "mailer_daemon",
					     "mailerdaemon",
					     "mail delivery",
					     "maildelivery",
					     "postmaster",
					     "post.master",
					     "post_master",
					     "mail-daemon",
					     "maildaemon",
					     "mdaemon",
					     "mail administrator",
					     "mail system",
					     "mail delivery system",
					     "microsoftexchange",
					     "bounce@",
					     "no-reply@amazonses",
					     "delivery subsystem",
					     "mail router",
					     "system administrator",
					     "mailsystem",
					     "mail-gateway",
					     "smtp@",
					     "daemon@",
					     "sysadmin",
					     "system attendant",
					     "mail.system",
					     "administrator@",
					     "autobounce" };
	struct view path = bounce_field(reader, "Return-Path");
	return has_any(reader->from, names, ARRAY_LEN(names)) || view_is(view_trim(path), "<>") ||
	       view_starts_case(bounce_find_address(reader->mime.at[0].head.from_line), VIEW("mailer-daemon")) ||
	       view_starts_case(view_from(reader->mime.at[0].head.from_line, 5), VIEW("MAILER-DAEMON"));
}

bool bounce_says_failure(const struct bounce_reader *reader)
{
	static const char *const subjects[] = { "undeliver",
						"delivery fail",
						"delivery stat",
						"delivery error",
						"delivery problem",
						"returned mail",
						"mail delivery",
						"failure notice",
						"delivery notification",
						"mail system error",
						"returned message",
						"could not be delivered",
						"cannot be delivered",
						"not delivered",
						"nondeliverable",
						"non-deliver",
						"failed mail",
						"mail failure",
						"message failure",
						"failed delivery",
						"unzustellbar",
						"bounce",
						"mail error",
						"unable to deliver",
						"rejected",
						"returned to sender",
						"delivery report",
						"unknown user",
						"user unknown",
						"mail status",
						"no remite",
						"remise differ",
						"remis",
						"devuelto",
						"warning",
						"delivery has failed",
						"address not found",
						"error sending",
						"delayed",
						"mail not deliver",
						"blocked",
						"permanent error",
						"failed to deliver" };
	static const char *const bodies[] = { "could not be delivered",
					      "couldn't be delivered",
					      "cannot be delivered",
					      "can't be delivered",
					      "unable to deliver",
					      "not able to deliver",
					      "wasn't able to deliver",
					      "was not delivered",
					      "not been delivered",
					      "undeliverable",
					      "undelivered",
					      "delivery failed",
					      "failed delivery",
					      "delivery to the following",
					      "failed to deliver",
					      "could not deliver",
					      "couldn't deliver",
					      "did not reach",
					      "user unknown",
					      "unknown user",
					      "no such user",
					      "permanent error",
					      "fatal error",
					      "returned to you",
					      "was rejected",
					      "has been rejected",
					      "not deliverable",
					      "error occurred while",
					      "delivery error",
					      "permanent failure",
					      "mailbox full",
					      "over quota",
					      "does not exist",
					      "has been returned",
					      "encountered an error",
					      "konnte nicht zugestellt",
					      "nicht zustellbar",
					      "n'a pas pu",
					      "no se pudo",
					      "no pudo ser" };
	return has_any(reader->subject, subjects, ARRAY_LEN(subjects)) ||
	       has_any(view_to(reader->text, FORMAT_BODY_MAX), bodies, ARRAY_LEN(bodies));
}
