/* rs-sql.h - what the parts of rs-sql share */
#ifndef RS_SQL_H
#define RS_SQL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "aws/aws.h"
#include "base/err.h"
#include "base/opt.h"
#include "base/wait.h"
#include "record/rec.h"
#include "sql/conn.h"
#include "sql/stmt.h"

struct opts {
	struct aws_opts aws;
	struct opt_list command;	/* -c */
	struct opt_list workgroup;	/* where -c and files run */
	struct opt_list host;		/* [NAME=]VALUE, as the next two */
	struct opt_list hostaddr;
	struct opt_list secret_arn;
	const char *database;
	const char *user;
	const char *service;
	unsigned long port;		/* 0: not given */
	unsigned long retries;
	double timeout;
	bool data_api;
	bool single_transaction;
	bool keep_going;
	bool dry_run;
};

/* --- the plan: rs-sql_plan.c ------------------------------------------- */

enum outcome {
	PENDING,
	OK,
	SKIPPED,	/* "unless" returned a row */
	FAILED,
	UNKNOWN,	/* the connection was lost before the answer */
	ROLLED_BACK,	/* it was done; then its transaction failed */
	NOT_RUN,
	PLANNED		/* --dry-run: it would be run */
};

enum { NO_ITEM = -1 };

/* One statement for one warehouse. */
struct item {
	json_t *object;		/* owns the strings of s */
	struct stmt s;
	size_t site;
	long after;		/* place in the plan, or NO_ITEM */
	enum outcome outcome;
	bool told;		/* its result record is written */
	long long rows;
	double elapsed;
	unsigned attempts;
};

/* A warehouse. */
struct site {
	char *name;		/* workgroup; NULL: what libpq's settings say */
	char *host;		/* NULL: not known */
	char *port;
	bool used;		/* a statement is for it */
	bool environment;	/* libpq's settings say where it is */
};

struct plan {
	struct item *v;
	size_t n, cap;
	struct site *sites;
	size_t n_sites, cap_sites;
};

/*
 * Read the commands of -c, the files and the records of standard input.
 * Returns 0, or -1: ERR_USAGE, ERR_RECORD, ERR_SYSTEM. Records that are not
 * ours are passed on.
 */
int	plan_read(struct plan *plan, const struct opts *o, char *const *files,
	    size_t n, struct rec_out *out, struct err *e) MUST_USE;
void	plan_release(struct plan *plan);

/* "statement 3 on 'airline-producer'", for messages; out is cut at size. */
void	plan_name(const struct plan *plan, const struct item *item,
	    char *out, size_t size);

/* --- the warehouses: rs-sql_site.c ------------------------------------- */

/* What it takes to reach them; zero it, then site_locate(). */
struct sites {
	const struct opts *o;
	const struct wait *deadline;
	struct aws *aws;	/* opened when it is first needed */
	size_t n_used;		/* warehouses at work, for --data-api */
};

/* Find out where every warehouse of the plan is, before anything is run. */
int	site_locate(struct sites *sites, struct plan *plan, struct err *e)
	    MUST_USE;

/* Begin to connect to a database of a warehouse; NULL fills e. */
struct conn *site_open(struct sites *sites, const struct site *site,
	    const char *database, struct err *e) MUST_USE;
void	sites_release(struct sites *sites);

/* --- what is told: rs-sql_report.c ------------------------------------- */

struct report {
	const struct plan *plan;
	struct rec_out *out;
	struct buf rows;	/* lines that are not written yet */
	size_t n_rows;
	struct buf row_begin;	/* of the statement that gives rows */
	const struct item *row_item;
	enum err_kind kind;	/* of the first failure */
	bool quiet;		/* nobody reads: neither rows nor messages */
};

void	report_init(struct report *r, const struct plan *plan,
	    struct rec_out *out);
int	report_row(struct report *r, const struct item *item,
	    const struct conn *c, struct err *e) MUST_USE;

/* Write the rows that wait. */
void	report_flush(struct report *r);

/*
 * Tell the outcome of an item, once: the result record and, when error is
 * not NULL, messages for people. sql is the text that error is about.
 */
void	report_result(struct report *r, struct item *item,
	    const struct conn_error *error, const char *sql);

/* Something is wrong after an item that was told already. */
void	report_trouble(struct report *r, const struct item *item,
	    const char *what);
void	report_release(struct report *r);

/* --- one warehouse at work: rs-sql_session.c --------------------------- */

struct session;

struct run {
	const struct opts *o;
	struct plan *plan;
	struct sites *sites;
	struct report *report;
	bool changed;		/* an outcome became known: look again */
	bool stopping;		/* the deadline, a signal, a closed stdout */
};

struct session *session_new(struct run *run, size_t site);

/*
 * Go on until there is something to wait for. ready: what session_poll()
 * named has come.
 */
void	session_step(struct session *s, bool ready);
bool	session_done(const struct session *s);

/* What to wait for; *wake is a time of wait_now(), 0: none. */
void	session_poll(const struct session *s, struct pollfd *pfd,
	    double *wake);

/* run->stopping was set: cancel what is under way, begin nothing. */
void	session_stop(struct session *s);

/* Enough waiting for the server: what is under way is UNKNOWN. */
void	session_abandon(struct session *s);
void	session_free(struct session *s);

#endif
