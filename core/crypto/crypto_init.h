#pragma once

/*
 * Called by everything here before OpenSSL is touched; also by core/net before TLS. No configuration file is read, no
 * error strings are loaded twice, no exit handler is left behind. Cheap after the first time, from any thread.
 */
void crypto_init(void);

/* Read openssl.cnf after all: somebody named a key in a store whose provider is set up there. */
void crypto_init_config(void);

/*
 * The newest reason in OpenSSL's error queue in its own words, for a diag ("bad decrypt"), and the queue emptied;
 * "no reason given" when it is empty. Static storage of OpenSSL or a literal.
 */
const char *crypto_reason(void);
