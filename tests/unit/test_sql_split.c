/* test_sql_split.c - commands out of scripts, and what their words tell */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "sql/split.h"
#include "tap.h"

/* The commands of a script, each in brackets with its line; or the error. */
static char *
commands(const char *script)
{
	struct split_piece piece;
	struct err e = { 0 };
	struct lex lex;
	struct buf b;
	char *all;
	int rc;

	buf_init(&b, 1 << 20);
	lex_init(&lex, script, strlen(script));
	while ((rc = split_next(&lex, "x", &piece, &e)) == 1)
		if (buf_printf(&b, "%zu[%.*s]", piece.line, (int)piece.len,
		    piece.sql) == -1)
			abort();
	if (rc == -1 && buf_printf(&b, "!%s", e.msg) == -1)
		abort();
	all = buf_take(&b);
	buf_release(&b);
	return all;
}

static void
splits(const char *script, const char *wanted)
{
	char *got = commands(script);

	is_str(got, wanted, script);
	free(got);
}

static void
test_split(void)
{
	splits("", "");
	splits(" ;\n; -- nothing\n", "");
	splits("select 1", "1[select 1]");
	splits("select 1;select 2;", "1[select 1]1[select 2]");
	splits("-- a;b\nselect 1 -- c;d\n;\n\nselect 2",
	    "2[select 1]5[select 2]");
	splits("select ';', \"a;b\" from \"x\"\"y;z\"; b",
	    "1[select ';', \"a;b\" from \"x\"\"y;z\"]1[b]");
	splits("select 'it''s; ok';b", "1[select 'it''s; ok']1[b]");
	splits("select 'a\\';b';c", "1[select 'a\\';b']1[c]");
	splits("select E'a\\';b\\\\';c", "1[select E'a\\';b\\\\']1[c]");
	splits("/* a; /* b; */ c; */ select 1;d", "1[select 1]1[d]");
	splits("select 1 /* ; */ + 1;d", "1[select 1 /* ; */ + 1]1[d]");
	splits("create function f() as $$ begin; x; end; $$;b",
	    "1[create function f() as $$ begin; x; end; $$]1[b]");
	splits("select $a$ ; $$ ; $b$ ; $a$;c",
	    "1[select $a$ ; $$ ; $b$ ; $a$]1[c]");
	splits("select a$b$;c$b$", "1[select a$b$]1[c$b$]");
	splits("select $1;c", "1[select $1]1[c]");
	splits("select '\xc3\xa9;' as \xc3\xa9;c",
	    "1[select '\xc3\xa9;' as \xc3\xa9]1[c]");
	splits("a\n\n;\nb 'x\ny';c", "1[a]4[b 'x\ny']5[c]");
}

static void
test_refuse(void)
{
	splits("a;\nselect 'b", "1[a]!x: line 2: a string begins here and "
	    "never ends");
	splits("select \"b", "!x: line 1: a quoted name begins here and "
	    "never ends");
	splits("a;\n\n/* b /* */", "1[a]!x: line 3: a comment begins here and "
	    "never ends");
	splits("select $a$ $b$", "!x: line 1: a string begins here and "
	    "never ends");
	splits("select 1;\n\\d t", "1[select 1]!x: line 2: a backslash "
	    "outside a string");
}

static void
test_nul(void)
{
	static const char script[] = "select 1\0; drop table t";
	struct split_piece piece;
	struct err e = { 0 };
	struct lex lex;

	lex_init(&lex, script, sizeof(script) - 1);
	is_int(split_next(&lex, "x", &piece, &e), -1, "a NUL is refused");
	is_int(e.kind, ERR_SQL, "as an error of the SQL");
}

static void
is_kind(const char *sql, enum split_kind wanted)
{
	is_int(split_kind(sql, strlen(sql)), wanted, sql);
}

static void
test_kind(void)
{
	is_kind("select 1", SPLIT_PLAIN);
	is_kind("create table database (a int)", SPLIT_PLAIN);
	is_kind("create schema begin", SPLIT_PLAIN);
	is_kind("CREATE DATABASE x FROM DATASHARE y", SPLIT_ALONE);
	is_kind("create /* ; */ database x", SPLIT_ALONE);
	is_kind("-- c\ndrop database x", SPLIT_ALONE);
	is_kind("alter database x set y", SPLIT_ALONE);
	is_kind("vacuum full t", SPLIT_ALONE);
	is_kind("alter table a append from b", SPLIT_ALONE);
	is_kind("alter table a add column append_x int", SPLIT_PLAIN);
	is_kind("alter table a alter column b type varchar(9)", SPLIT_ALONE);
	is_kind("create external table s.t (a int)", SPLIT_ALONE);
	is_kind("create external schema s from postgres", SPLIT_PLAIN);
	is_kind("create external schema s from data catalog database 'd' "
	    "create external database if not exists", SPLIT_ALONE);
	is_kind("create or replace library l language plpythonu",
	    SPLIT_ALONE);
	is_kind("begin", SPLIT_CONTROL);
	is_kind("Start Transaction read only", SPLIT_CONTROL);
	is_kind("commit", SPLIT_CONTROL);
	is_kind("end", SPLIT_CONTROL);
	is_kind("rollback", SPLIT_CONTROL);
}

static void
masks(const char *sql, const char *text, const char *wanted)
{
	char *shown = xstrdup(text);

	split_mask(sql, strlen(sql), shown);
	is_str(shown, wanted, sql);
	free(shown);
}

static void
test_mask(void)
{
	masks("select 'a'", "near 'a'", "near 'a'");
	masks("create user u password 'hunter2' bad", "near \"'hunter2'\"",
	    "near \"'*******'\"");
	masks("copy t from 's3://b' credentials 'aws_key=K' x", "at aws_key=K",
	    "at *********");
	masks("alter user u PASSWORD 'hunter2", "near \"'hunter2\"",
	    "near \"'*******\"");
	masks("create user u password ''", "near it", "near it");
}

int
main(void)
{
	test_split();
	test_refuse();
	test_nul();
	test_kind();
	test_mask();
	return done();
}
