#include "net_tls_ossl.h"

/*
 * Tickets for resumption. A TLS 1.3 ticket is used once (RFC 8446 C.4), so it leaves the store when it is offered, and
 * each connection brings new ones. The key covers everything the peer was verified by: what was accepted under one
 * policy is never taken for another.
 */

static void add(struct crypto_digest *digest, struct view bytes)
{
	uint64_t n = bytes.n;
	crypto_digest_add(digest, view_of(&n, sizeof n));
	crypto_digest_add(digest, bytes);
}

struct crypto_hash net_tls_ticket_key(const struct net_tls_peer *peer)
{
	struct crypto_hash none = { .n = 0 };
	if (peer->resume.n == 0)
		return none;
	CRYPTO_DIGEST_AUTO struct crypto_digest digest;
	crypto_digest_init(&digest, CRYPTO_SHA256);
	unsigned char policy = (unsigned char)peer->verify;
	add(&digest, view_of(&policy, 1));
	add(&digest, peer->resume);
	add(&digest, peer->name);
	add(&digest, peer->sni);
	for (size_t i = 0; i < peer->other_names_count; i++)
		add(&digest, peer->other_names[i]);
	for (size_t i = 0; i < peer->pin_count; i++)
		add(&digest, view_of(peer->pins[i], NET_TLS_PIN_OCTETS));
	for (size_t i = 0; i < peer->tlsa_count; i++) {
		const struct net_tlsa *tlsa = &peer->tlsa[i];
		unsigned char head[3] = { tlsa->usage, tlsa->selector, tlsa->matching };
		add(&digest, view_of(head, sizeof head));
		add(&digest, tlsa->data);
	}
	return crypto_digest_final(&digest);
}

void net_tls_ticket_use(struct net_tls_session *session)
{
	struct net_tls *tls = session->tls;
	for (size_t back = 1; back <= NET_TLS_TICKETS && session->resume.n > 0; back++) {
		struct net_tls_ticket
			*ticket = &tls->tickets[(tls->next_ticket + NET_TLS_TICKETS - back) % NET_TLS_TICKETS];
		if (ticket->session == NULL ||
		    !view_eq(crypto_hash_view(&ticket->key), crypto_hash_view(&session->resume)))
			continue;
		bool again = SSL_SESSION_get_protocol_version(ticket->session) < TLS1_3_VERSION;
		(void)SSL_set_session(session->ssl, ticket->session);
		if (!again) {
			SSL_SESSION_free(ticket->session);
			ticket->session = NULL;
		}
		return;
	}
}

void net_tls_ticket_keep(struct net_tls_session *session, SSL_SESSION *ticket)
{
	struct net_tls *tls = session->tls;
	struct net_tls_ticket *slot = &tls->tickets[tls->next_ticket++ % NET_TLS_TICKETS];
	tls->next_ticket %= NET_TLS_TICKETS;
	SSL_SESSION_free(slot->session);
	*slot = (struct net_tls_ticket){ session->resume, ticket };
}

int net_tls_ticket_new(SSL *ssl, SSL_SESSION *ticket)
{
	struct net_tls_session *session = SSL_get_app_data(ssl);
	if (session->resume.n == 0 || SSL_SESSION_is_resumable(ticket) != 1)
		return 0;
	if (session->done) {
		if (!session->verified && session->verify != NET_TLS_UNVERIFIED && session->verify != NET_TLS_REPORT)
			return 0;
		net_tls_ticket_keep(session, ticket);
	} else {
		SSL_SESSION_free(session->early_ticket);
		session->early_ticket = ticket;
	}
	return 1;
}
