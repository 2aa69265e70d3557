#include "send_priv.h"

enum err send_smime(struct send_run *run, struct send_content *content, struct msg_part **root, struct diag *diag)
{
	(void)run;
	(void)content;
	(void)root;
	return diag_set(diag, ERR_UNAVAILABLE, "S/MIME is not built in");
}
