#include "smtp_session_priv.h"

/*
 * Every command we send, the class of reply that means yes, and where yes and no (4yz, 5yz) lead; any other reply ends
 * the session as a breach of protocol, 421 as the server's farewell (RFC 5321 4.2.4.2). Times: RFC 5321 4.5.3.2.
 */
const struct smtp_state_row smtp_states[SMTP_ST_COUNT] = {
	/*                     name             stage                 ms      yes  what yes and no do */
	[SMTP_ST_GREETING] = { "connection", SMTP_STAGE_GREETING, 300000, 2, smtp_on_greeting, smtp_on_setup_refused },
	[SMTP_ST_EHLO] = { "EHLO", SMTP_STAGE_EHLO, 300000, 2, smtp_on_hello, smtp_on_ehlo_refused },
	[SMTP_ST_HELO] = { "HELO", SMTP_STAGE_EHLO, 300000, 2, smtp_on_hello, smtp_on_setup_refused },
	[SMTP_ST_STARTTLS] = { "STARTTLS", SMTP_STAGE_TLS, 120000, 2, smtp_on_starttls, smtp_on_starttls_refused },
	[SMTP_ST_XCLIENT] = { "XCLIENT", SMTP_STAGE_EHLO, 300000, 2, smtp_on_xclient, smtp_on_setup_refused },
	[SMTP_ST_AUTH] = { "AUTH", SMTP_STAGE_AUTH, 120000, 2, smtp_on_auth, smtp_on_auth_refused },
	[SMTP_ST_MAIL] = { "MAIL FROM", SMTP_STAGE_MAIL, 300000, 2, smtp_on_mail, smtp_on_mail_refused },
	[SMTP_ST_RCPT] = { "RCPT TO", SMTP_STAGE_RCPT, 300000, 2, smtp_on_rcpt, smtp_on_rcpt_refused },
	[SMTP_ST_DATA] = { "DATA", SMTP_STAGE_DATA, 120000, 3, smtp_on_data, smtp_on_data_refused },
	[SMTP_ST_DOT] = { "the message", SMTP_STAGE_DOT, 600000, 2, smtp_on_dot, smtp_on_dot },
	[SMTP_ST_EMPTY_DOT] = { "the empty message", SMTP_STAGE_DATA, 120000, 2, smtp_on_empty_dot, smtp_on_empty_dot },
	[SMTP_ST_BDAT] = { "BDAT", SMTP_STAGE_DATA, 180000, 2, smtp_on_bdat, smtp_on_bdat_refused },
	[SMTP_ST_RSET] = { "RSET", SMTP_STAGE_MAIL, 120000, 2, smtp_on_rset, smtp_on_setup_refused },
	[SMTP_ST_QUIT] = { "QUIT", SMTP_STAGE_DOT, 5000, 2, smtp_on_quit, smtp_on_quit },
};
