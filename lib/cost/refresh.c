#include "cost/refresh.h"
int
refresh_prices(const struct fleet *f, const struct aws_opts *opts,
	    struct err *e)
{
	(void)f; (void)opts;
	return err_set(e, ERR_AWS, "not yet");
}
