/* conf.c - the AWS configuration files, as botocore reads them */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "aws/conf.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/utf8.h"
#include "base/words.h"

/* Thousands of profiles fit; what is larger is not a configuration. */
enum { FILE_MAX_BYTES = 16 << 20 };

struct entry {
	char *key;
	char *value;		/* "" for a block */
	struct entry *block;	/* the lines below an empty value */
	size_t n_block, cap_block;
	unsigned line;
};

struct section {
	char *header;		/* as it stands between the brackets */
	const char *type;	/* of the config file: "profile", ..., NULL */
	char *name;		/* [profile NAME]; NULL: no such form */
	struct entry *entries;
	size_t n, cap;
};

struct file {
	char *path;
	struct section *sections;
	size_t n, cap;
	struct section defaults;	/* [DEFAULT] adds to every section */
};

struct conf {
	struct file files[CONF_FILES];
};

/* Where the parser stands. */
struct parser {
	struct file *file;
	struct section *section;
	struct entry *entry;	/* the one a deeper line continues */
	size_t indent;
	size_t blank;		/* empty lines since the last of entry */
	unsigned line;
	struct err *e;
};

static const char *const section_types[] = {
	"profile", "sso-session", "services"
};

static int
complain(const struct parser *p, const char *what, const char *subject)
{
	return err_set(p->e, ERR_CRED, "%s:%u: %s%s%s", p->file->path,
	    p->line, what, subject == NULL ? "" : ": ",
	    subject == NULL ? "" : subject);
}

static bool
is_blank(char c)
{
	/* As Python's str.strip(), for ASCII. */
	return isspace((unsigned char)c) || (c >= 0x1c && c <= 0x1f);
}

/* Cut blanks off both ends of s, in place. */
static char *
strip(char *s)
{
	char *end;

	while (is_blank(*s))
		s++;
	end = s + strlen(s);
	while (end > s && is_blank(end[-1]))
		end--;
	*end = '\0';
	return s;
}

static struct entry *
find_entry(struct entry *entries, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(entries[i].key, key) == 0)
			return &entries[i];
	return NULL;
}

static struct section *
find_header(const struct file *f, const char *header)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->sections[i].header, header) == 0)
			return &f->sections[i];
	return NULL;
}

/*
 * [profile "my name"] and its like: the first word only has to begin with
 * the type, and a name that does not parse makes a section nobody can ask
 * for. Both are botocore's ways.
 */
static void
classify(struct section *s)
{
	struct words w;

	for (size_t i = 0; i < ARRAY_LEN(section_types); i++) {
		const char *type = section_types[i];

		if (strncmp(s->header, type, strlen(type)) != 0)
			continue;
		s->type = type;
		if (words_split(s->header, &w) == -1)
			return;
		if (w.n == 2)
			s->name = xstrdup(w.v[1]);
		words_release(&w);
		return;
	}
	if (strcmp(s->header, "default") == 0) {
		s->type = "profile";
		s->name = xstrdup("default");
	}
}

static int
open_section(struct parser *p, char *header)
{
	struct file *f = p->file;

	p->entry = NULL;
	if (strcmp(header, "DEFAULT") == 0) {
		p->section = &f->defaults;
		return 0;
	}
	if (find_header(f, header) != NULL)
		return complain(p, "this section is there twice", header);
	f->sections = xgrow(f->sections, f->n, &f->cap,
	    sizeof(*f->sections));
	p->section = &f->sections[f->n++];
	memset(p->section, 0, sizeof(*p->section));
	p->section->header = xstrdup(header);
	classify(p->section);
	return 0;
}

static int
open_entry(struct parser *p, char *text)
{
	struct section *s = p->section;
	char *delimiter = text + strcspn(text, "=:"), *value;

	/* The text itself is not shown: it may be half of a secret. */
	if (*delimiter == '\0')
		return complain(p, "neither a [section] nor key = value",
		    NULL);
	*delimiter = '\0';
	value = strip(delimiter + 1);
	text = strip(text);
	if (*text == '\0')
		return complain(p, "a value without a key", NULL);
	for (char *c = text; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	if (find_entry(s->entries, s->n, text) != NULL)
		return complain(p, "this key is there twice", text);
	s->entries = xgrow(s->entries, s->n, &s->cap, sizeof(*s->entries));
	p->entry = &s->entries[s->n++];
	*p->entry = (struct entry){ .key = xstrdup(text),
	    .value = xstrdup(value), .line = p->line };
	return 0;
}

/* One line of a block; the last of two equal keys counts. */
static int
add_to_block(struct parser *p, char *text)
{
	struct entry *e = p->entry, *inner;
	char *delimiter = strchr(text, '=');
	char *key, *value;

	if (delimiter == NULL)
		return complain(p, "a block needs lines of key = value",
		    e->key);
	*delimiter = '\0';
	value = strip(delimiter + 1);
	key = strip(text);
	inner = find_entry(e->block, e->n_block, key);
	if (inner == NULL) {
		e->block = xgrow(e->block, e->n_block, &e->cap_block,
		    sizeof(*e->block));
		inner = &e->block[e->n_block++];
		*inner = (struct entry){ .key = xstrdup(key) };
	}
	xwipe_free(inner->value);
	inner->value = xstrdup(value);
	inner->line = p->line;
	return 0;
}

static int
continue_entry(struct parser *p, char *text)
{
	char *old = p->entry->value;
	size_t len = strlen(old), blank = p->blank, more = strlen(text);

	if (*old == '\0')
		return add_to_block(p, text);
	p->entry->value = xmalloc(len + blank + more + 2);
	memcpy(p->entry->value, old, len);
	memset(p->entry->value + len, '\n', blank + 1);
	memcpy(p->entry->value + len + blank + 1, text, more + 1);
	xwipe_free(old);
	p->blank = 0;
	return 0;
}

static int
parse_line(struct parser *p, char *line)
{
	char *text = strip(line), *end;
	size_t indent = (size_t)(text - line);

	if (*text == '#' || *text == ';')
		return 0;
	if (*text == '\0') {
		p->blank += p->entry != NULL;
		return 0;
	}
	if (p->entry != NULL && indent > p->indent)
		return continue_entry(p, text);
	p->indent = indent;
	p->blank = 0;
	end = strrchr(text, ']');
	if (*text == '[' && end > text + 1) {
		*end = '\0';
		return open_section(p, text + 1);
	}
	if (p->section == NULL)
		return complain(p, "a line before the first [section]", NULL);
	return open_entry(p, text);
}

/* Python's text files end lines at \n, \r\n and \r. */
static int
parse(struct file *f, char *text, size_t len, struct err *e)
{
	struct parser p = { .file = f, .e = e };
	char *end = text + len, *line, *next;
	size_t bad;

	for (line = text; line < end; line = next) {
		size_t n = strcspn(line, "\r\n");

		p.line++;
		if (line[n] == '\0' && line + n < end)
			return complain(&p, "a NUL byte", NULL);
		next = line + n + 1;
		if (line[n] == '\r' && line[n + 1] == '\n')
			next++;
		line[n] = '\0';
		if (!utf8_valid(line, n, &bad))
			return complain(&p, "not UTF-8", NULL);
		if (parse_line(&p, line) == -1)
			return -1;
	}
	return 0;
}

static int
load_file(struct file *f, const char *variable, const char *standard,
    struct err *e)
{
	const char *path = getenv(variable);
	struct buf text;
	int ret;

	f->path = file_expand(path != NULL ? path : standard);
	ret = file_read(f->path, FILE_MAX_BYTES, &text, e);
	if (ret == -1) {
		e->kind = ERR_CRED;
		err_hint(e, "%s names another file", variable);
	} else if (ret == 1) {
		ret = parse(f, text.s, text.len, e);
	}
	buf_wipe(&text);
	return ret;
}

struct conf *
conf_load(struct err *e)
{
	struct conf *c = xcalloc(1, sizeof(*c));

	if (load_file(&c->files[CONF_CONFIG], "AWS_CONFIG_FILE",
	    "~/.aws/config", e) == -1 ||
	    load_file(&c->files[CONF_CREDENTIALS],
	    "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", e) == -1) {
		conf_free(c);
		return NULL;
	}
	return c;
}

static void
entries_free(struct entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(entries[i].key);
		xwipe_free(entries[i].value);
		for (size_t j = 0; j < entries[i].n_block; j++) {
			free(entries[i].block[j].key);
			xwipe_free(entries[i].block[j].value);
		}
		free(entries[i].block);
	}
	free(entries);
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	for (int i = 0; i < CONF_FILES; i++) {
		struct file *f = &c->files[i];

		for (size_t j = 0; j < f->n; j++) {
			free(f->sections[j].header);
			free(f->sections[j].name);
			entries_free(f->sections[j].entries,
			    f->sections[j].n);
		}
		entries_free(f->defaults.entries, f->defaults.n);
		free(f->sections);
		free(f->path);
	}
	free(c);
}

const char *
conf_path(const struct conf *c, enum conf_file file)
{
	return c->files[file].path;
}

/*
 * [TYPE NAME] of the config file. When [profile a] and [profile "a"] are
 * both there, the last one counts.
 */
static const struct section *
find_typed(const struct conf *c, const char *type, const char *name)
{
	const struct file *f = &c->files[CONF_CONFIG];

	for (size_t i = f->n; i-- > 0; ) {
		const struct section *s = &f->sections[i];

		if (s->type != NULL && s->name != NULL &&
		    strcmp(s->type, type) == 0 && strcmp(s->name, name) == 0)
			return s;
	}
	return NULL;
}

static const struct section *
find_profile(const struct conf *c, enum conf_file file, const char *profile)
{
	if (file == CONF_CREDENTIALS)
		return find_header(&c->files[file], profile);
	return find_typed(c, "profile", profile);
}

static const struct entry *
get_entry(const struct conf *c, enum conf_file file,
    const struct section *s, const char *key)
{
	const struct section *defaults = &c->files[file].defaults;
	const struct entry *e;

	if (s == NULL)
		return NULL;
	e = find_entry(s->entries, s->n, key);
	return e != NULL ? e :
	    find_entry(defaults->entries, defaults->n, key);
}

/* A key of a profile in the file that wins. */
static const struct entry *
profile_entry(const struct conf *c, const char *profile, const char *key,
    enum conf_file *file)
{
	const struct entry *e = NULL;

	for (int i = 0; i < CONF_FILES && e == NULL; i++) {
		*file = (enum conf_file)i;
		e = get_entry(c, *file, find_profile(c, *file, profile), key);
	}
	return e;
}

static const char *
value_of(const struct entry *e)
{
	return e == NULL || e->n_block > 0 ? NULL : e->value;
}

bool
conf_has_profile(const struct conf *c, const char *profile)
{
	return find_profile(c, CONF_CREDENTIALS, profile) != NULL ||
	    find_profile(c, CONF_CONFIG, profile) != NULL;
}

const char *
conf_get(const struct conf *c, const char *profile, const char *key)
{
	enum conf_file file;

	return value_of(profile_entry(c, profile, key, &file));
}

const char *
conf_get_from(const struct conf *c, enum conf_file file,
    const char *profile, const char *key)
{
	return value_of(get_entry(c, file, find_profile(c, file, profile),
	    key));
}

char *
conf_place(const struct conf *c, const char *profile, const char *key)
{
	enum conf_file file;
	const struct entry *e = profile_entry(c, profile, key, &file);

	if (e == NULL)
		return xstrdup("");
	return xasprintf("%s:%u", c->files[file].path, e->line);
}

bool
conf_has_section(const struct conf *c, const char *type, const char *name)
{
	return find_typed(c, type, name) != NULL;
}

const char *
conf_section(const struct conf *c, const char *type, const char *name,
    const char *key)
{
	return value_of(get_entry(c, CONF_CONFIG, find_typed(c, type, name),
	    key));
}

const char *
conf_nested(const struct conf *c, const char *type, const char *name,
    const char *block, const char *key)
{
	const struct entry *e;
	enum conf_file file;

	if (strcmp(type, "profile") == 0)
		e = profile_entry(c, name, block, &file);
	else
		e = get_entry(c, CONF_CONFIG, find_typed(c, type, name),
		    block);
	if (e == NULL)
		return NULL;
	e = find_entry(e->block, e->n_block, key);
	return e == NULL ? NULL : e->value;
}
