#include "send.h"

/* Until send_deliver.c is there: no way to a server. */

enum err send_deliver(struct send_run *run, struct send_message *message, struct send_results *results,
		      struct diag *diag)
{
	(void)run;
	(void)message;
	(void)results;
	return diag_set(diag, ERR_UNAVAILABLE, "delivery to a server is not built in; use --maildir, --mbox or --dump");
}

enum err send_server_info(struct send_run *run, struct diag *diag)
{
	(void)run;
	return diag_set(diag, ERR_UNAVAILABLE, "delivery to a server is not built in");
}
