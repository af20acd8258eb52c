/* valid.c - what a value must look like before it gets near SQL or AWS */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "sql/valid.h"

static const char DIGITS[] = "0123456789";
static const char LOWER[] = "abcdefghijklmnopqrstuvwxyz";
static const char WORD[] = "abcdefghijklmnopqrstuvwxyz"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

bool
valid_guid(const char *s)
{
	static const size_t groups[] = { 8, 4, 4, 4, 12 };

	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		if (i > 0 && *s++ != '-')
			return false;
		if (strspn(s, "0123456789abcdefABCDEF") != groups[i])
			return false;
		s += groups[i];
	}
	return *s == '\0';
}

bool
valid_account(const char *s)
{
	return strlen(s) == 12 && strspn(s, DIGITS) == 12;
}

bool
valid_region(const char *s)
{
	size_t words = 0, len;

	while ((len = strspn(s, LOWER)) > 0 && s[len] == '-') {
		s += len + 1;
		words++;
	}
	len = strspn(s, DIGITS);
	return words >= 2 && len > 0 && len <= 2 && s[len] == '\0';
}

/* "(10)" or "(8, 2)" at s; returns its end, NULL when it is not that. */
static const char *
skip_size(const char *s)
{
	size_t len;

	for (int i = 0; i < 2; i++) {
		s++;
		s += strspn(s, " ");
		len = strspn(s, DIGITS);
		s += len;
		if (len == 0 || (*s != ')' && (*s != ',' || i == 1)))
			return NULL;
		if (*s == ')')
			return s + 1;
	}
	return NULL;
}

/* One type at s; returns its end, NULL when there is none. */
static const char *
skip_type(const char *s)
{
	size_t len = strspn(s, WORD);

	if (len == 0 || strchr(DIGITS, *s) != NULL)
		return NULL;
	s += len;
	while (*s == ' ' && (len = strspn(s + 1, WORD)) > 0)
		s += 1 + len;
	return *s == '(' ? skip_size(s) : s;
}

bool
valid_type(const char *s)
{
	s = skip_type(s);
	return s != NULL && *s == '\0';
}

bool
valid_types(const char *list)
{
	if (*list == '\0')
		return true;
	for (; (list = skip_type(list)) != NULL && *list == ',';
	    list += strspn(list, " "))
		list++;
	return list != NULL && *list == '\0';
}

static const char *const reserved[] = {
	"aes128", "aes256", "all", "allowoverwrite", "analyse", "analyze",
	"and", "any", "array", "as", "asc", "authorization", "az64",
	"backup", "between", "binary", "blanksasnull", "both", "bytedict",
	"bzip2", "case", "cast", "check", "collate", "column", "connect",
	"constraint", "create", "credentials", "cross", "current_date",
	"current_time", "current_timestamp", "current_user",
	"current_user_id", "default", "deferrable", "deflate", "defrag",
	"delta", "delta32k", "desc", "disable", "distinct", "do", "else",
	"emptyasnull", "enable", "encode", "encrypt", "encryption", "end",
	"except", "explicit", "false", "for", "foreign", "freeze", "from",
	"full", "globaldict256", "globaldict64k", "grant", "group", "gzip",
	"having", "identity", "ignore", "ilike", "in", "initially", "inner",
	"intersect", "interval", "into", "is", "isnull", "join", "language",
	"leading", "left", "like", "limit", "localtime", "localtimestamp",
	"lun", "luns", "lzo", "lzop", "minus", "mostly16", "mostly32",
	"mostly8", "natural", "new", "not", "notnull", "null", "nulls",
	"off", "offline", "offset", "oid", "old", "on", "only", "open", "or",
	"order", "outer", "overlaps", "parallel", "partition", "percent",
	"permissions", "pivot", "placing", "primary", "qualify", "raw",
	"readratio", "recover", "references", "rejectlog", "resort",
	"respect", "restore", "right", "select", "session_user", "similar",
	"snapshot", "some", "start", "sysdate", "system", "table", "tag",
	"tdes", "text255", "text32k", "then", "timestamp", "to", "top",
	"trailing", "true", "truncatecolumns", "union", "unique", "unnest",
	"unpivot", "user", "using", "verbose", "wallet", "when", "where",
	"with", "without"
};

static int
compare(const void *word, const void *row)
{
	return strcasecmp(word, *(const char *const *)row);
}

bool
valid_reserved(const char *word)
{
	return bsearch(word, reserved, ARRAY_LEN(reserved),
	    sizeof(reserved[0]), compare) != NULL;
}
