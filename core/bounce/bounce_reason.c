#include "bounce_reason.h"

#include "base_ascii.h"

static const struct {
	const char *name;
	enum bounce_category category;
	enum bounce_hard hard;
	const char *help;
} reasons[BOUNCE_REASON_COUNT] = {
#define ROW(id, name, category, hard, help) [BOUNCE_##id] = { name, BOUNCE_##category, BOUNCE_HARD_##hard, help }
	ROW(UNDEFINED, "undefined", UNCLASSIFIED, NO, "nothing usable was said"),
	ROW(USER_UNKNOWN, "user_unknown", INVALID_ADDRESS, YES, "there is no such mailbox"),
	ROW(USER_MOVED, "user_moved", INVALID_ADDRESS, YES, "the person moved to another address"),
	ROW(HOST_UNKNOWN, "host_unknown", INVALID_ADDRESS, YES, "there is no such mail domain"),
	ROW(NULL_MX, "null_mx", TECHNICAL, PERMANENT, "the domain takes no mail"),
	ROW(MAILBOX_FULL, "mailbox_full", MAILBOX_UNAVAILABLE, NO, "the mailbox is over its quota"),
	ROW(MAILBOX_DISABLED, "mailbox_disabled", MAILBOX_UNAVAILABLE, NO, "the mailbox is suspended or inactive"),
	ROW(RECIPIENT_FILTER, "recipient_filter", MAILBOX_UNAVAILABLE, NO, "a filter of the recipient refused it"),
	ROW(EXPIRED, "expired", TECHNICAL, NO, "the retries went on for too long"),
	ROW(NETWORK_ERROR, "network_error", TECHNICAL, NO, "connection, DNS or routing failed"),
	ROW(SYSTEM_ERROR, "system_error", TECHNICAL, NO, "the receiving system is in trouble"),
	ROW(SYSTEM_FULL, "system_full", TECHNICAL, NO, "the receiving system's disk is full"),
	ROW(LOCAL_ERROR, "local_error", TECHNICAL, NO, "a delivery program failed on the last host"),
	ROW(TLS_FAILED, "tls_failed", TECHNICAL, NO, "TLS was required and did not come about"),
	ROW(PROTOCOL_ERROR, "protocol_error", TECHNICAL, NO, "a command was not understood"),
	ROW(NOT_COMPLIANT, "not_compliant", CONTENT, NO, "the message breaks RFC 5322"),
	ROW(CONTENT_REJECTED, "content_rejected", CONTENT, NO, "content or attachment was refused"),
	ROW(TOO_LARGE, "too_large", CONTENT, NO, "the message is too large"),
	ROW(VIRUS, "virus", CONTENT, NO, "malware was found, or suspected"),
	ROW(SPAM, "spam", CONTENT, NO, "the content was taken for spam"),
	ROW(POLICY, "policy", REPUTATION, NO, "a policy of the receiver refused it"),
	ROW(SECURITY, "security", TECHNICAL, NO, "a security rule or missing authentication refused it"),
	ROW(AUTH_FAILURE, "auth_failure", REPUTATION, NO, "SPF, DKIM or DMARC did not pass"),
	ROW(BLOCKED, "blocked", REPUTATION, NO, "the sending address or host is on a block list"),
	ROW(BAD_REPUTATION, "bad_reputation", REPUTATION, NO, "the sender's reputation is too low"),
	ROW(NO_PTR, "no_ptr", REPUTATION, NO, "the sending address has no fitting reverse name"),
	ROW(SENDER_REJECTED, "sender_rejected", REPUTATION, NO, "the reverse-path was refused"),
	ROW(RELAY_DENIED, "relay_denied", TECHNICAL, NO, "the host does not take mail for that domain"),
	ROW(RATE_LIMITED, "rate_limited", FREQUENCY_VOLUME, NO, "too much mail in too short a time"),
	ROW(TOO_MANY_CONNECTIONS, "too_many_connections", FREQUENCY_VOLUME, NO, "too many connections at once"),
	ROW(GREYLISTED, "greylisted", TECHNICAL, NO, "the host asks to come back later"),
	ROW(ON_HOLD, "on_hold", UNCLASSIFIED, NO, "could not be judged yet"),
	ROW(SUPPRESSED, "suppressed", UNCLASSIFIED, YES, "the sending service itself suppresses the address"),
	ROW(FEEDBACK, "feedback", NO_CATEGORY, NONE, "a person complained"),
	ROW(AUTOREPLY, "autoreply", NO_CATEGORY, NONE, "an automatic answer"),
	ROW(MDN, "mdn", NO_CATEGORY, NONE, "a receipt from a mail program"),
	ROW(DELIVERED, "delivered", NO_CATEGORY, NONE, "delivered, relayed or expanded"),
	ROW(CHALLENGE, "challenge", NO_CATEGORY, NONE, "the receiver wants the sender to confirm"),
#undef ROW
};

static const char *const categories[BOUNCE_CATEGORY_COUNT] = {
	[BOUNCE_UNCLASSIFIED] = "unclassified",
	[BOUNCE_INVALID_ADDRESS] = "invalid_address",
	[BOUNCE_TECHNICAL] = "technical",
	[BOUNCE_CONTENT] = "content",
	[BOUNCE_REPUTATION] = "reputation",
	[BOUNCE_FREQUENCY_VOLUME] = "frequency_volume",
	[BOUNCE_MAILBOX_UNAVAILABLE] = "mailbox_unavailable",
};

const char *bounce_reason_name(enum bounce_reason reason) { return reasons[reason].name; }

const char *bounce_reason_help(enum bounce_reason reason) { return reasons[reason].help; }

const char *bounce_category_name(enum bounce_category category)
{
	return category < BOUNCE_CATEGORY_COUNT ? categories[category] : NULL;
}

enum bounce_category bounce_reason_category(enum bounce_reason reason) { return reasons[reason].category; }

enum bounce_hard bounce_reason_hard(enum bounce_reason reason) { return reasons[reason].hard; }

/* Equal but for case, '_' and '-'. */
static bool same_word(struct view a, const char *b)
{
	size_t i = 0;
	for (;;) {
		while (view_at(a, i) == '_' || view_at(a, i) == '-')
			i++;
		while (*b == '_')
			b++;
		if (i >= a.n || *b == '\0')
			return i >= a.n && *b == '\0';
		if (ascii_lower(view_at(a, i++)) != *b++)
			return false;
	}
}

bool bounce_reason_parse(struct view name, enum bounce_reason *out)
{
	for (unsigned i = 0; i < BOUNCE_REASON_COUNT; i++) {
		if (same_word(name, reasons[i].name)) {
			*out = (enum bounce_reason)i;
			return true;
		}
	}
	return false;
}

bool bounce_category_parse(struct view name, enum bounce_category *out)
{
	for (unsigned i = 0; i < BOUNCE_CATEGORY_COUNT; i++) {
		if (same_word(name, categories[i])) {
			*out = (enum bounce_category)i;
			return true;
		}
	}
	return false;
}
