/* One SMTP transaction is prepared: what the server cannot take is refused before MAIL, and recipients are chosen. */
#include <stdio.h>

#include "smtp_session_priv.h"

enum { DOMAINS_MAX = 1000 };

/* Every recipient that is left gets a result that no reply decided. */
static void refuse_rest(struct smtp_txn *txn, enum err err, struct smtp_enhanced enhanced, const char *text)
{
	struct smtp_result result = {
		.status = SMTP_FAILED,
		.stage = SMTP_STAGE_MAIL,
		.err = err,
		.enhanced = enhanced,
		.reply = arena_view(txn->arena, view_str(text)),
	};
	smtp_txn_give_up(txn, &result);
}

static bool needs_utf8(const struct smtp_txn *txn) { return txn->utf8_head || txn->sender->needs_smtputf8; }

/* The message is opened in the form for this server; errors end it here. */
static bool open_body(struct smtp_session *session, struct smtp_txn *txn)
{
	struct diag *diag = &session->state->diag;
	txn->body = (struct smtp_body){ 0 };
	enum err err = txn->open(txn, &session->ehlo, &txn->body, diag);
	if (err == ERR_OK)
		return true;
	bool conversion = err == ERR_DATA && !smtp_ehlo_has(&session->ehlo, SMTP_EXT_8BITMIME);
	refuse_rest(txn, conversion ? ERR_UNAVAILABLE : err, (struct smtp_enhanced){ conversion ? 5 : 0, 6, 3 },
		    diag->text);
	return false;
}

/* RFC 1870 6.1, RFC 6152, RFC 6531 3.6, RFC 8689 4.2: known before the first octet, so it is said before. */
static bool server_can(struct smtp_session *session, struct smtp_txn *txn)
{
	const struct smtp_ehlo *ehlo = &session->ehlo;
	char text[200];
	if (ehlo->size_max != 0 && txn->body.octets > ehlo->size_max) {
		(void)snprintf(text, sizeof text,
			       "the message has %llu octets, the server takes at most %llu; nothing was sent",
			       (unsigned long long)txn->body.octets, (unsigned long long)ehlo->size_max);
		refuse_rest(txn, ERR_UNAVAILABLE, (struct smtp_enhanced){ 5, 3, 4 }, text);
		return false;
	}
	if (txn->body.eight_bit && !smtp_ehlo_has(ehlo, SMTP_EXT_8BITMIME)) {
		refuse_rest(txn, ERR_UNAVAILABLE, (struct smtp_enhanced){ 5, 6, 3 },
			    "the message has octets over 127 and the server has no 8BITMIME; nothing was sent");
		return false;
	}
	if (needs_utf8(txn) && !smtp_ehlo_has(ehlo, SMTP_EXT_SMTPUTF8)) {
		refuse_rest(
			txn, ERR_UNAVAILABLE, (struct smtp_enhanced){ 5, 6, 7 },
			"an address or the header needs SMTPUTF8, which the server does not have; nothing was sent");
		return false;
	}
	if (txn->requiretls && (!session->tls || !smtp_ehlo_has(ehlo, SMTP_EXT_REQUIRETLS))) {
		refuse_rest(txn, ERR_UNAVAILABLE, (struct smtp_enhanced){ 5, 7, 30 },
			    "REQUIRETLS is asked for and the server does not offer it over TLS; nothing was sent");
		return false;
	}
	return true;
}

static void refuse_utf8(struct smtp_txn *txn, struct smtp_rcpt *rcpt)
{
	rcpt->result = (struct smtp_result){
		.status = SMTP_FAILED,
		.stage = SMTP_STAGE_RCPT,
		.err = ERR_UNAVAILABLE,
		.enhanced = { 5, 6, 7 },
		.reply = arena_view(txn->arena, VIEW("the address needs SMTPUTF8, which the server does not have")),
	};
	rcpt->state = SMTP_RCPT_DONE;
}

/* Is this domain one of those the round has already? */
static bool add_domain(struct view *domains, size_t *n, size_t max, struct view domain)
{
	for (size_t i = 0; i < *n; i++)
		if (view_eq_case(domains[i], domain))
			return true;
	if (*n >= max)
		return false;
	domains[(*n)++] = domain;
	return true;
}

/* RFC 9422: RCPTMAX and RCPTDOMAINMAX; RFC 5321 4.5.3.1.10: what a 452 showed. */
static size_t choose_recipients(struct smtp_session *session, struct smtp_txn *txn)
{
	const struct smtp_ehlo *ehlo = &session->ehlo;
	size_t max = session->opts->rcpt_max != 0 ? session->opts->rcpt_max : SMTP_SESSION_RCPT_MAX;
	max = ehlo->rcpt_max != 0 && ehlo->rcpt_max < max ? ehlo->rcpt_max : max;
	max = session->state->rcpt_limit != 0 && session->state->rcpt_limit < max ? session->state->rcpt_limit : max;
	struct view domains[DOMAINS_MAX];
	size_t domains_max = ehlo->rcpt_domain_max, domains_n = 0, chosen = 0;
	bool utf8 = smtp_ehlo_has(ehlo, SMTP_EXT_SMTPUTF8);
	for (size_t i = 0; i < txn->n && chosen < max; i++) {
		struct smtp_rcpt *rcpt = &txn->rcpts[i];
		if (rcpt->state != SMTP_RCPT_TODO)
			continue;
		if (rcpt->to->needs_smtputf8 && !utf8) {
			refuse_utf8(txn, rcpt);
			continue;
		}
		if (domains_max != 0 &&
		    !add_domain(domains, &domains_n, domains_max < DOMAINS_MAX ? domains_max : DOMAINS_MAX,
				rcpt->to->domain))
			continue;
		rcpt->state = SMTP_RCPT_GROUP;
		chosen++;
	}
	return chosen;
}

bool smtp_round_begin(struct smtp_session *session, struct smtp_txn *txn)
{
	txn->rounds++;
	txn->asked = txn->accepted = txn->answered = txn->cursor = 0;
	txn->end_from = 0;
	txn->mail_refused = false;
	txn->phase = SMTP_TXN_OVER;
	if (!open_body(session, txn) || !server_can(session, txn) || choose_recipients(session, txn) == 0)
		return false;
	txn->phase = SMTP_TXN_MAIL;
	return true;
}
