/*
 * terraform.h - plans and states as 'terraform show -json' prints them
 *
 * Format: JSON Output Format of Terraform, format_version 0.x and 1.x. A
 * state has "values"; a plan has "resource_changes", each with what is there
 * before and after. Workgroups become facts of the fleet, so that usage
 * records can say how they are used; the rest become plans of their own.
 */
#ifndef COST_TERRAFORM_H
#define COST_TERRAFORM_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "cost/fleet.h"

/*
 * Read path ("-": standard input). A state goes to before alone; of a plan
 * *plan becomes true, and before and after get their own. Returns 0, or -1:
 * ERR_USAGE when it cannot be opened, ERR_RECORD when it is cut off or is no
 * such document, or when Terraform says itself that the plan failed.
 */
int	terraform_read(const char *path, struct fleet *before,
	    struct fleet *after, bool *plan, struct err *e) MUST_USE;

#endif
