#include <stdio.h>

#include "bounce_events.h"
#include "bounce_record.h"
#include "tap.h"

/* Whole messages of our own; each row is one message and the record that matters in it. */

#define DAEMON "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.org>\nTo: news@example.org\n"
#define REPORT                                                                                                         \
	"Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n--b\nContent-Type: "           \
	"text/plain\n\nThe text.\n\n--b\n"
#define RETURNED                                                                                                       \
	"\n--b\nContent-Type: text/rfc822-headers\n\nFrom: news@example.org\nSubject: Hello\nMessage-ID: "             \
	"<orig@example.org>\n\n--b--\n"

static const struct {
	const char *what;
	const char *message;
	size_t records;
	enum bounce_type type;
	const char *recipient, *status;
	unsigned reply;
	enum bounce_reason reason;
	const char *message_id;
} rows[] = {
	{ "RFC 3464: a failed recipient",
	  DAEMON
	  "Subject: Undelivered Mail Returned to Sender\n" REPORT
	  "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
	  "Final-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: 5.1.1\n"
	  "Diagnostic-Code: smtp; 550 5.1.1 <ann@example.net>: Recipient address rejected: User unknown\n" RETURNED,
	  1, BOUNCE_TYPE_BOUNCE, "ann@example.net", "5.1.1", 550, BOUNCE_USER_UNKNOWN, "orig@example.org" },
	{ "RFC 3464 2.3.3: delayed is a delay, never hard",
	  DAEMON "Subject: Delayed Mail\n" REPORT
		 "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; ann@example.net\nAction: delayed\n"
		 "Status: 4.4.1\nDiagnostic-Code: smtp; connect to mx.example.net: Connection refused\n" RETURNED,
	  1, BOUNCE_TYPE_DELAY, "ann@example.net", "4.4.1", 0, BOUNCE_NETWORK_ERROR, "orig@example.org" },
	{ "two recipients without an empty line between them",
	  DAEMON "Subject: x\n" REPORT
		 "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@example.net\nAction: failed\n"
		 "Status: 5.1.1\nFinal-Recipient: RFC822;b@example.net\nAction: failed\nStatus: 5.2.2\n" RETURNED,
	  2, BOUNCE_TYPE_BOUNCE, "a@example.net", "5.1.1", 0, BOUNCE_USER_UNKNOWN, "orig@example.org" },
	{ "the action before the recipient, the original recipient after it",
	  DAEMON
	  "Subject: x\n" REPORT "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\nAction: failed\n"
	  "Final-Recipient: rfc822; a@example.net\nOriginal-Recipient: rfc822; o@example.net\nStatus: 5.2.2\n" RETURNED,
	  1, BOUNCE_TYPE_BOUNCE, "a@example.net", "5.2.2", 0, BOUNCE_MAILBOX_FULL, "orig@example.org" },
	{ "a status part that calls itself text/plain",
	  DAEMON "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
		 "Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n--b--\n",
	  1, BOUNCE_TYPE_BOUNCE, "a@example.net", "5.1.1", 0, BOUNCE_USER_UNKNOWN, "" },
	{ "a boundary that never comes: the status stands in the body",
	  DAEMON "Subject: x\nContent-Type: multipart/report; boundary=other\n\n--b\n\nText.\n\n"
		 "Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.2.2\n",
	  1, BOUNCE_TYPE_BOUNCE, "a@example.net", "5.2.2", 0, BOUNCE_MAILBOX_FULL, "" },
	{ "5.0.0 gives way to the code that the other host said",
	  DAEMON "Subject: x\n" REPORT
		 "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@example.net\nAction: failed\n"
		 "Status: 5.0.0\nDiagnostic-Code: smtp; 552 5.2.2 over quota\n" RETURNED,
	  1, BOUNCE_TYPE_BOUNCE, "a@example.net", "5.2.2", 552, BOUNCE_MAILBOX_FULL, "orig@example.org" },
	{ "RFC 6533: utf-8 address, escaped",
	  DAEMON "Subject: x\n" REPORT "Content-Type: message/global-delivery-status\n\nFinal-Recipient: utf-8; "
		 "\\x{E4}b@example.net\nAction: failed\nStatus: 5.1.1\n" RETURNED,
	  1, BOUNCE_TYPE_BOUNCE,
	  "\xc3\xa4"
	  "b@example.net",
	  "5.1.1", 0, BOUNCE_USER_UNKNOWN, "orig@example.org" },
	{ "RFC 5965: a complaint",
	  "From: fbl@example.net\nSubject: FW: Hello\nContent-Type: multipart/report; report-type=feedback-report; "
	  "boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n"
	  "Original-Rcpt-To: <ann@example.net>\n" RETURNED,
	  1, BOUNCE_TYPE_FEEDBACK, "ann@example.net", "", 0, BOUNCE_FEEDBACK, "orig@example.org" },
	{ "RFC 8098: a receipt is no bounce",
	  "From: ann@example.net\nSubject: Read\nContent-Type: multipart/report; "
	  "report-type=disposition-notification; boundary=b\n\n--b\nContent-Type: message/disposition-notification\n\n"
	  "Final-Recipient: rfc822; ann@example.net\nOriginal-Message-ID: <m@example.org>\n"
	  "Disposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n",
	  1, BOUNCE_TYPE_MDN, "ann@example.net", "", 0, BOUNCE_MDN, "m@example.org" },
	{ "RFC 3834: an automatic answer",
	  "From: Ann <ann@example.net>\nTo: news@example.org\nSubject: Out of office\nAuto-Submitted: auto-replied\n"
	  "In-Reply-To: <x@example.org>\n\nI am away.\n",
	  1, BOUNCE_TYPE_AUTOREPLY, "ann@example.net", "", 0, BOUNCE_AUTOREPLY, "" },
	{ "Exim: X-Failed-Recipients, although it says auto-replied",
	  DAEMON
	  "Subject: Mail delivery failed: returning message to sender\nAuto-Submitted: auto-replied\n"
	  "X-Failed-Recipients: ann@example.net\n\nThis message was created automatically by mail delivery "
	  "software.\n\n  ann@example.net\n    host mx.example.net [192.0.2.1]\n    SMTP error from remote mail "
	  "server after RCPT TO:<ann@example.net>:\n    550 No such user here\n\n------ This is a copy of the "
	  "message, including all the headers. ------\n\nMessage-ID: <orig@example.org>\nSubject: Hello\n\nbody\n",
	  1, BOUNCE_TYPE_BOUNCE, "ann@example.net", "", 550, BOUNCE_USER_UNKNOWN, "orig@example.org" },
	{ "qmail",
	  DAEMON
	  "Subject: failure notice\n\nHi. This is the qmail-send program at mx.example.org.\n\n"
	  "<ann@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of "
	  "the message.\n\nMessage-ID: <orig@example.org>\n\nbody bob@example.com\n",
	  1, BOUNCE_TYPE_BOUNCE, "ann@example.net", "5.1.1", 0, BOUNCE_USER_UNKNOWN, "orig@example.org" },
	{ "sendmail's transcript",
	  DAEMON "Subject: Returned mail: User unknown\n\n   ----- The following addresses had permanent fatal errors "
		 "-----\n<ann@example.net>\n\n   ----- Transcript of session follows -----\n... while talking to "
		 "mx.example.net.:\n>>> RCPT To:<ann@example.net>\n<<< 550 5.1.1 <ann@example.net>... User unknown\n",
	  1, BOUNCE_TYPE_BOUNCE, "ann@example.net", "5.1.1", 550, BOUNCE_USER_UNKNOWN, "" },
	{ "a warning of Exim is a delay",
	  DAEMON
	  "Subject: Warning: message delayed 24 hours\n\nThis message was created automatically by mail delivery "
	  "software.\nA message that you sent has not yet been delivered to one or more of its recipients.\n\n"
	  "  ann@example.net\n    Delay reason: connection timed out\n\nNo action is required on your part.\n",
	  1, BOUNCE_TYPE_DELAY, "ann@example.net", "", 0, BOUNCE_EXPIRED, "" },
	{ "a person who quotes a bounce is no bounce",
	  "From: Bob <bob@example.com>\nTo: news@example.org\nSubject: Re: Undelivered Mail\nIn-Reply-To: "
	  "<x@example.org>\n\nLook what I got:\n> <ann@example.net>: User unknown\n",
	  0, BOUNCE_TYPE_UNKNOWN, "", "", 0, BOUNCE_UNDEFINED, "" },
	{ "a newsletter that speaks of failed deliveries is no bounce",
	  "From: News <news@shop.example>\nTo: ann@example.net\nSubject: Your parcel: delivery failed\n\nYour parcel "
	  "could "
	  "not be delivered to the following address.\n",
	  0, BOUNCE_TYPE_UNKNOWN, "", "", 0, BOUNCE_UNDEFINED, "" },
	{ "Auto-Submitted alone proves nothing",
	  "From: cron@example.org\nTo: ann@example.net\nSubject: backup done\nAuto-Submitted: auto-generated\n\nok\n",
	  0, BOUNCE_TYPE_UNKNOWN, "", "", 0, BOUNCE_UNDEFINED, "" },
	{ "an empty file", "", 0, BOUNCE_TYPE_UNKNOWN, "", "", 0, BOUNCE_UNDEFINED, "" },
	{ "an event of Amazon SES by mail",
	  "From: no-reply@sns.amazonaws.com\nSubject: AWS Notification Message\n\n{\"notificationType\":\"Bounce\","
	  "\"bounce\":{\"bounceType\":\"Permanent\",\"bounceSubType\":\"Suppressed\",\"bouncedRecipients\":[{"
	  "\"emailAddress\":"
	  "\"ann@example.net\",\"action\":\"failed\",\"status\":\"5.1.1\"}]},\"mail\":{\"messageId\":\"m-1\"}}\n",
	  1, BOUNCE_TYPE_BOUNCE, "ann@example.net", "5.1.1", 0, BOUNCE_SUPPRESSED, "m-1" },
};

static void check_row(const struct bounce_report *report, size_t i)
{
	CHECK_INT(report->records.n, rows[i].records);
	if (report->records.n == 0)
		return;
	const struct bounce_record *record = &report->records.at[0];
	char status[24] = "";
	if (record->status.class != 0)
		(void)snprintf(status, sizeof status, "%u.%u.%u", record->status.class, record->status.subject,
			       record->status.detail);
	CHECK_STR(bounce_type_name(record->type), bounce_type_name(rows[i].type));
	CHECK_VIEW(record->recipient, rows[i].recipient);
	CHECK_STR(status, rows[i].status);
	CHECK_INT(record->reply, rows[i].reply);
	CHECK_STR(bounce_reason_name(record->verdict.reason), bounce_reason_name(rows[i].reason));
	CHECK_VIEW(report->message_id, rows[i].message_id);
	if (record->type == BOUNCE_TYPE_DELAY)
		CHECK_INT(record->verdict.hard, BOUNCE_HARD_NO);
}

/* Line ends make no difference. */
static void run_rows(struct bounce_classifier *classifier, const char *eol, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s: %s", name, rows[i].what);
		struct arena arena = { 0 };
		BUF_AUTO struct buf text;
		buf_init(&text, 1 << 16);
		for (const char *p = rows[i].message; *p != '\0'; p++) {
			if (*p == '\n')
				buf_str(&text, eol);
			else
				buf_byte(&text, *p);
		}
		struct bounce_report report;
		bounce_parse_message(classifier, buf_view(&text), &arena, &report);
		check_row(&report, i);
		arena_done(&arena);
	}
}

static void sendgrid_events(struct bounce_classifier *classifier)
{
	tap_case("SendGrid's webhook: an array of events, what is none is passed over");
	static const char events[] =
		"[{\"event\":\"bounce\",\"email\":\"a@example.net\",\"status\":\"5.1.1\",\"reason\":\"550 5.1.1 no "
		"such user\"},"
		"{\"event\":\"open\",\"email\":\"b@example.net\"},"
		"{\"event\":\"spamreport\",\"email\":\"c@example.net\"},"
		"{\"event\":\"deferred\",\"email\":\"d@example.net\",\"response\":\"451 4.7.1 greylisted\"}] tail";
	struct arena arena = { 0 };
	struct bounce_report report;
	size_t used;
	CHECK_INT(bounce_parse_events(classifier, view_str(events), &arena, &report, &used, NULL), ERR_OK);
	CHECK_INT(used, sizeof events - 1 - 5);
	if (CHECK_INT(report.records.n, 3) != 0) {
		CHECK_INT(report.records.at[0].verdict.hard, BOUNCE_HARD_YES);
		CHECK_INT(report.records.at[1].type, BOUNCE_TYPE_FEEDBACK);
		CHECK_INT(report.records.at[2].verdict.reason, BOUNCE_GREYLISTED);
	}
	arena_done(&arena);
}

static void hostile(struct bounce_classifier *classifier)
{
	tap_case("100,000 recipients: bounded, told, and not slow");
	BUF_AUTO struct buf text;
	buf_init(&text, 1 << 24);
	buf_str(&text, DAEMON "Subject: x\n" REPORT "Content-Type: message/delivery-status\n\n");
	for (int i = 0; i < 100000; i++)
		buf_printf(&text, "Final-Recipient: rfc822; a%d@example.net\nAction: failed\nStatus: 5.1.1\n\n", i);
	struct arena arena = { 0 };
	struct bounce_report report;
	bounce_parse_message(classifier, buf_view(&text), &arena, &report);
	CHECK(report.records.n > 100 && report.records.n <= BOUNCE_RECORDS_MAX);
	arena_done(&arena);
	tap_case("one megabyte of @ and of <");
	for (int c = 0; c < 2; c++) {
		buf_reset(&text);
		buf_str(&text, DAEMON "Subject: failure notice\n\ncould not be delivered to\n");
		buf_fill(&text, c == 0 ? '@' : '<', 1 << 20);
		bounce_parse_message(classifier, buf_view(&text), &arena, &report);
		CHECK_INT(report.records.n, 0);
		arena_done(&arena);
	}
}

int main(void)
{
	struct bounce_classifier classifier;
	bounce_classifier_init(&classifier);
	run_rows(&classifier, "\n", "LF");
	run_rows(&classifier, "\r\n", "CRLF");
	run_rows(&classifier, "\r", "CR");
	sendgrid_events(&classifier);
	hostile(&classifier);
	bounce_classifier_done(&classifier);
	return tap_done();
}
