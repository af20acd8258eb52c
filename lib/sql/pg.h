/*
 * pg.h - a connection through libpq
 *
 * libpq's own environment, pass and service files work as in psql. Where
 * they say nothing: port 5439, TLS with the certificate and the name checked
 * (an address instead of a name: the certificate), keepalives more often
 * than a Network Load Balancer's idle limit of 350 s. A network address is
 * never spoken to without TLS.
 */
#ifndef SQL_PG_H
#define SQL_PG_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "sql/conn.h"

/* Where to connect; borrowed. NULL: libpq's environment decides. */
struct pg_target {
	const char *host;	/* the name the certificate is for */
	const char *hostaddr;	/* connect here, without asking DNS */
	const char *port;
	const char *database;
	const char *user;
	const char *password;
	double connect_timeout;	/* seconds, unless libpq is told; 0: none */
};

/*
 * Begin to connect. Returns the connection, or NULL: ERR_USAGE when there
 * is no host to connect to, or TLS was switched off.
 */
struct conn *pg_open(const struct pg_target *target, struct err *e) MUST_USE;

/* Does libpq's environment (or service) say this option? "host", "user" */
bool	pg_environment_has(const char *keyword);

#endif
