/* rs-wait-workgroup.h - what a workgroup looks like to the tools after us */
#ifndef CMD_RS_WAIT_WORKGROUP_H
#define CMD_RS_WAIT_WORKGROUP_H

#include <jansson.h>
#include <stdbool.h>

/*
 * The "workgroup" record, for rec_write(). The descriptions are AWS's; both
 * are NULL for a workgroup that is gone.
 */
json_t	*workgroup_record(const char *name, const json_t *workgroup,
	    const json_t *namespace, double waited);

/*
 * What usually keeps a workgroup in this state, and where to look; deleting:
 * while it should go, not come.
 */
const char *workgroup_usual_cause(const char *state, bool deleting);

#endif
