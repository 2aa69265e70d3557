#pragma once

#include <stdbool.h>

#include "base_view.h"

/*
 * The words in which a delivery problem is told: a reason (fine), a category (SendGrid's seven classes) and `hard`
 * ("never write to this address again"; not the same as a 5xx reply). One table in bounce_reason.c ties them together;
 * `send` uses the same words for the replies it gets.
 */
enum bounce_reason {
	BOUNCE_UNDEFINED = 0,
	BOUNCE_USER_UNKNOWN,
	BOUNCE_USER_MOVED,
	BOUNCE_HOST_UNKNOWN,
	BOUNCE_NULL_MX,
	BOUNCE_MAILBOX_FULL,
	BOUNCE_MAILBOX_DISABLED,
	BOUNCE_RECIPIENT_FILTER,
	BOUNCE_EXPIRED,
	BOUNCE_NETWORK_ERROR,
	BOUNCE_SYSTEM_ERROR,
	BOUNCE_SYSTEM_FULL,
	BOUNCE_LOCAL_ERROR,
	BOUNCE_TLS_FAILED,
	BOUNCE_PROTOCOL_ERROR,
	BOUNCE_NOT_COMPLIANT,
	BOUNCE_CONTENT_REJECTED,
	BOUNCE_TOO_LARGE,
	BOUNCE_VIRUS,
	BOUNCE_SPAM,
	BOUNCE_POLICY,
	BOUNCE_SECURITY,
	BOUNCE_AUTH_FAILURE,
	BOUNCE_BLOCKED,
	BOUNCE_BAD_REPUTATION,
	BOUNCE_NO_PTR,
	BOUNCE_SENDER_REJECTED,
	BOUNCE_RELAY_DENIED,
	BOUNCE_RATE_LIMITED,
	BOUNCE_TOO_MANY_CONNECTIONS,
	BOUNCE_GREYLISTED,
	BOUNCE_ON_HOLD,
	BOUNCE_SUPPRESSED,
	BOUNCE_FEEDBACK,
	BOUNCE_AUTOREPLY,
	BOUNCE_MDN,
	BOUNCE_DELIVERED,
	BOUNCE_CHALLENGE,
	BOUNCE_REASON_COUNT
};

enum bounce_category {
	BOUNCE_UNCLASSIFIED = 0,
	BOUNCE_INVALID_ADDRESS,
	BOUNCE_TECHNICAL,
	BOUNCE_CONTENT,
	BOUNCE_REPUTATION,
	BOUNCE_FREQUENCY_VOLUME,
	BOUNCE_MAILBOX_UNAVAILABLE,
	BOUNCE_CATEGORY_COUNT,
	BOUNCE_NO_CATEGORY /* feedback, autoreply, mdn, delivered: the question does not arise */
};

enum bounce_hard {
	BOUNCE_HARD_NONE = 0, /* does not apply: null in JSON */
	BOUNCE_HARD_NO,
	BOUNCE_HARD_YES,
	BOUNCE_HARD_PERMANENT, /* in rules only: yes when the reply or status is 5xx, else no */
	BOUNCE_HARD_DEFAULT    /* in rules only: what the reason says */
};

const char *bounce_reason_name(enum bounce_reason reason);
const char *bounce_reason_help(enum bounce_reason reason);       /* one line for people */
const char *bounce_category_name(enum bounce_category category); /* NULL for BOUNCE_NO_CATEGORY */
enum bounce_category bounce_reason_category(enum bounce_reason reason);
enum bounce_hard bounce_reason_hard(enum bounce_reason reason);

/* By name, case, '_' and '-' ignored. False: no such word. */
MUST_CHECK bool bounce_reason_parse(struct view name, enum bounce_reason *out);
MUST_CHECK bool bounce_category_parse(struct view name, enum bounce_category *out);
