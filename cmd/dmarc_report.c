#include "dmarc_check.h"

enum err dmarc_check_report(struct cmd *cmd, struct diag *diag)
{
	(void)cmd;
	return diag_set(diag, ERR_UNAVAILABLE, "--report");
}
