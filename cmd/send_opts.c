#include "send_priv.h"

/* The options of `send`, in the order and under the headings of the manual. */

static const char *const dry_run_choices[] = { "no", "render", "connect", NULL };
static const char *const tls_choices[] = { "auto", "none", "may", "encrypt", "verify", NULL };
static const char *const quit_choices[] = { "never", "connect", "ehlo", "tls", "auth", "mail", "rcpt", "data", NULL };
static const char *const ret_choices[] = { "", "full", "hdrs", NULL };

#define AT(member) offsetof(struct send_opts, member)

/* clang-format off */
const struct opt send_opts_table[] = {
	{ 0, OPT_HEADING, "Message", NULL, NULL, NULL, 0, 0 },
	{ 's', OPT_TEXT, "subject", "TEXT", "subject", NULL, AT(subject), OPT_COMMON },
	{ 0, OPT_TEXTS, "to", "ADDRESSES", "recipients, as the operands", NULL, AT(to), 0 },
	{ 'c', OPT_TEXTS, "cc", "ADDRESSES", "recipients of copies", NULL, AT(cc), OPT_COMMON },
	{ 'b', OPT_TEXTS, "bcc", "ADDRESSES", "recipients that no header names", NULL, AT(bcc), 0 },
	{ 0, OPT_TEXTS, "exclude", "ADDRESSES", "not to these, whoever names them", NULL, AT(exclude), 0 },
	{ 'r', OPT_TEXT, "from", "ADDRESS", "author, like 'Name <a@b>'", NULL, AT(from), OPT_COMMON },
	{ 'F', OPT_TEXT, "from-name", "NAME", "the author's name", NULL, AT(from_name), 0 },
	{ 'f', OPT_TEXT, "envelope-from", "ADDRESS", "where bounces go; '<>': nowhere", NULL, AT(envelope_from), 0 },
	{ 0, OPT_TEXT, "reply-to", "ADDRESSES", "where answers go", NULL, AT(reply_to), 0 },
	{ 'H', OPT_TEXTS, "header", "'NAME: VALUE'", "one more header field", NULL, AT(headers), 0 },
	{ 0, OPT_ALIAS, "add-header", "header", NULL, NULL, 0, 0 },
	{ 0, OPT_TEXT, "in-reply-to", "MESSAGE-ID", "the message this one answers", NULL, AT(in_reply_to), 0 },
	{ 0, OPT_TEXT, "references", "MESSAGE-IDS", "the thread before it", NULL, AT(references), 0 },
	{ 0, OPT_TEXT, "body", "TEXT", "the text itself", NULL, AT(body), OPT_MULTILINE },
	{ 0, OPT_FILE, "body-file", "FILE", "the text (default: standard input)", NULL, AT(body_file), 0 },
	{ 0, OPT_FILE, "markdown", "FILE", "the text as Markdown: a plain and an HTML part", NULL, AT(markdown), OPT_COMMON },
	{ 0, OPT_FLAG, "allow-html", NULL, "keep raw HTML in the Markdown", NULL, AT(allow_html), 0 },
	{ 0, OPT_FILE, "css", "FILE", "style sheet put into the HTML part", NULL, AT(css), 0 },
	{ 0, OPT_FILE, "html", "FILE", "HTML part; the plain one is derived unless --body is given", NULL, AT(html), 0 },
	{ 'a', OPT_FILES, "attach", "FILE[;type=T][;name=N]", "attach a file", NULL, AT(attach), OPT_COMMON },
	{ 0, OPT_FILES, "inline", "FILE", "picture for the HTML part, as cid:NAME", NULL, AT(inlined), 0 },
	{ 0, OPT_FILES, "ical", "FILE[;method=M]", "calendar part (default method REQUEST)", NULL, AT(ical), 0 },
	{ 0, OPT_TEXT, "date", "TIME", "date (RFC 5322, RFC 3339 or epoch seconds)", NULL, AT(date), 0 },
	{ 0, OPT_TEXT, "message-id", "ID", "message-id", NULL, AT(message_id), 0 },
	{ 0, OPT_TEXT, "charset", "NAME", "charset of the texts given (default: UTF-8)", NULL, AT(charset), 0 },
	{ 0, OPT_FLAG, "auto", NULL, "written by a program: Auto-Submitted: auto-generated", NULL, AT(automatic), 0 },
	{ 0, OPT_FILE, "raw", "FILE", "a whole message, sent as it is but for Bcc", NULL, AT(raw), 0 },
	{ 0, OPT_ALIAS, "data", "raw", NULL, NULL, 0, OPT_AT_FILE },
	{ 't', OPT_FLAG, "recipients-from-headers", NULL, "standard input is a message; its header names recipients", NULL, AT(from_headers), 0 },
	{ 'i', OPT_FLAG, "ignore-dots", NULL, "accepted for sendmail's sake: dots never end the input", NULL, 0, OPT_IGNORED },
	{ 0, OPT_FLAG, "if-output", NULL, "empty standard input: send nothing, exit 0", NULL, AT(if_output), 0 },
	{ 0, OPT_FLAG, "allow-empty", NULL, "send although the text is empty", NULL, AT(allow_empty), 0 },

	{ 0, OPT_HEADING, "Sign", NULL, NULL, NULL, 0, 0 },
	{ 0, OPT_TEXTS, "dkim", "DOMAIN:SELECTOR:KEYFILE", "DKIM signature (repeatable)", NULL, AT(dkim), 0 },
	{ 0, OPT_FLAG, "no-dkim", NULL, "no DKIM signature, whatever the configuration says", NULL, AT(no_dkim), 0 },
	{ 0, OPT_TEXT, "smime-sign", "CERT[:KEY]", "S/MIME signature", NULL, AT(smime_sign), 0 },
	{ 0, OPT_FILES, "smime-encrypt", "CERT", "encrypt for the owner of this certificate (repeatable)", NULL, AT(smime_encrypt), 0 },

	{ 0, OPT_HEADING, "Where", NULL, NULL, NULL, 0, 0 },
	{ 'A', OPT_TEXT, "account", "NAME", "account of the configuration", NULL, AT(account), OPT_COMMON },
	{ 0, OPT_TEXT, "server", "HOST[:PORT]", "server; smtp:// smtps:// lmtp:// unix:PATH too", NULL, AT(server), OPT_COMMON },
	{ 'p', OPT_UINT, "port", "PORT", "its port (default 587)", OPT_RANGE(1, 65535), AT(port), 0 },
	{ 0, OPT_DIR, "maildir", "DIR", "deliver to a Maildir", NULL, AT(maildir), 0 },
	{ 0, OPT_OUTFILE, "mbox", "FILE", "deliver to an mbox file", NULL, AT(mbox), 0 },
	{ 0, OPT_OUTFILE, "dump", "FILE", "write the message there (-: standard output)", NULL, AT(dump), OPT_COMMON },
	{ 0, OPT_IP, "source-ip", "ADDRESS", "connect from this address", NULL, AT(source_ip), 0 },
	{ 0, OPT_ENDPOINT, "socks5", "HOST:PORT", "connect through this proxy", NULL, AT(socks5), 0 },
	{ '4', OPT_FLAG, "ipv4", NULL, "IPv4 only", NULL, AT(only_v4), 0 },
	{ '6', OPT_FLAG, "ipv6", NULL, "IPv6 only", NULL, AT(only_v6), 0 },
	{ 0, OPT_TEXT, "ehlo", "NAME", "name to greet with", NULL, AT(ehlo), 0 },
	{ 0, OPT_DURATION, "timeout", "TIME", "for each answer of the server", OPT_RANGE(1, 86400000), AT(timeout_ms), 0 },
	{ 0, OPT_CHOICE, "tls", "POLICY", "TLS policy", tls_choices, AT(tls), 0 },
	{ 0, OPT_FLAG, "insecure-auth", NULL, "log in without TLS", NULL, AT(insecure_auth), 0 },
	{ 0, OPT_FILE, "tls-ca", "FILE", "trust these certificates", NULL, AT(tls_ca), 0 },
	{ 0, OPT_FILE, "tls-cert", "FILE", "certificate of ours", NULL, AT(tls_cert), 0 },
	{ 0, OPT_FILE, "tls-key", "FILE", "its key", NULL, AT(tls_key), 0 },
	{ 0, OPT_TEXT, "tls-fingerprint", "HEX", "SHA-256 that the server's certificate must have", NULL, AT(tls_fingerprint), 0 },
	{ 0, OPT_TEXT, "tls-sni", "NAME", "name to ask for and to verify", NULL, AT(tls_sni), 0 },
	{ 0, OPT_TEXT, "auth", "MECHANISMS", "how to log in, or off", NULL, AT(auth), 0 },
	{ 'u', OPT_TEXT, "user", "NAME", "log in as", NULL, AT(user), OPT_COMMON },
	{ 0, OPT_TEXT, "password-eval", "COMMAND", "a command that prints the password", NULL, AT(password_eval), OPT_COMMON },
	{ 0, OPT_UINT, "password-fd", "N", "descriptor to read the password from", OPT_RANGE(0, 65535), AT(password_fd), 0 },
	{ 0, OPT_FILE, "password-file", "FILE", "file with the password", NULL, AT(password_file), 0 },
	{ 0, OPT_FILE, "netrc", "FILE", "user and password from a netrc (default ~/.netrc)", NULL, AT(netrc), OPT_OPTIONAL },
	{ 0, OPT_TEXT, "oauth", "NAME", "OAuth section of the configuration", NULL, AT(oauth), 0 },
	{ 'N', OPT_TEXT, "dsn", "NOTIFY", "never, or of success, failure, delay", NULL, AT(dsn_notify), 0 },
	{ 'R', OPT_CHOICE, "dsn-ret", "PART", "what a delivery report returns: full or hdrs", ret_choices, AT(dsn_ret), 0 },
	{ 'V', OPT_TEXT, "dsn-envid", "ID", "the report's envelope id", NULL, AT(dsn_envid), 0 },
	{ 0, OPT_FLAG, "require-tls", NULL, "refuse ways without TLS further on (RFC 8689)", NULL, AT(require_tls), 0 },

	{ 0, OPT_HEADING, "Check", NULL, NULL, NULL, 0, 0 },
	{ 0, OPT_CHOICE, "dry-run", "STAGE", "send nothing: render the message only, or connect", dry_run_choices, AT(dry_run), OPT_OPTIONAL },
	{ 0, OPT_FLAG, "server-info", NULL, "show what the server offers", NULL, AT(server_info), 0 },
	{ 0, OPT_CHOICE, "quit-after", "STAGE", "stop after connect, ehlo, tls, auth, mail, rcpt or data", quit_choices, AT(quit_after), 0 },
	{ 0, OPT_TEXT, "xclient", "ATTRIBUTES", "XCLIENT command to send", NULL, AT(xclient), 0 },
	{ 0, OPT_TEXT, "proxy-protocol", "SPEC", "PROXY protocol header to send", NULL, AT(proxy_protocol), 0 },

	{ 0, OPT_HEADING, "Configuration", NULL, NULL, NULL, 0, 0 },
	{ 0, OPT_FILE, "import-msmtprc", "FILE", "print a configuration made from msmtp's", NULL, AT(import_msmtprc), 0 },

	{ 0, OPT_HEADING, "Output", NULL, NULL, NULL, 0, 0 },
	{ 0, OPT_OUTFILE, "transcript", "FILE", "the SMTP dialog (default: standard error)", NULL, AT(transcript), OPT_OPTIONAL },
	{ 0, OPT_TEXT, "log", "FILE|syslog", "one line a recipient", NULL, AT(log), 0 },
	{ 0, OPT_END, NULL, NULL, NULL, NULL, 0, 0 },
};
/* clang-format on */
