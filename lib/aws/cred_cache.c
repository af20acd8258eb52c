/*
 * cred_cache.c - credentials of roles that were fetched before
 *
 * In this session, so that a chain of roles is not walked for each renewal;
 * and by the AWS CLI, so that a role with MFA does not ask twice. The CLI's
 * files are only read: a broken one is as good as none.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/cred_source.h"
#include "base/alloc.h"
#include "base/file.h"

enum { FILE_MAX_BYTES = 64 << 10 };
static const time_t LEAST = 15 * 60;	/* seconds they shall still last */

struct cred_kept {
	char key[CRED_KEY_SIZE];
	struct cred cred;
};

void
cred_key(const char *s, char out[CRED_KEY_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (EVP_Digest(s, strlen(s), digest, &len, EVP_sha1(), NULL) != 1)
		len = 0;	/* no such name: nothing is found */
	out[0] = '\0';
	for (unsigned i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static void
copy(struct cred *to, const struct cred *from)
{
	to->access_key_id = xstrdup(from->access_key_id);
	to->secret_access_key = xstrdup(from->secret_access_key);
	to->session_token = xstrdup(from->session_token);
	to->account_id = xstrdup(from->account_id);
	to->source = xstrdup(from->source);
	to->expires = from->expires;
}

static bool
lasts(const struct cred_query *q, const struct cred *c)
{
	return c->expires - cred_now(q->a) >= LEAST;
}

static struct cred_kept *
find_kept(struct cred_chain *chain, const char *key)
{
	for (size_t i = 0; i < chain->n_kept; i++)
		if (strcmp(chain->kept[i].key, key) == 0)
			return &chain->kept[i];
	return NULL;
}

static bool
read_cli_file(const char *path, struct cred *out)
{
	static const struct cred_members members = { .id = "AccessKeyId",
		.secret = "SecretAccessKey", .token = "SessionToken",
		.expires = "Expiration", .account = "AccountId" };
	struct buf text;
	struct err ignored;
	json_t *o = NULL;
	bool found;

	if (file_read(path, FILE_MAX_BYTES, &text, &ignored) == 1)
		o = json_loadb(text.s, text.len, 0, NULL);
	found = cred_from_json(json_object_get(o, "Credentials"), &members,
	    out, &ignored) == 0;
	json_decref(o);
	buf_wipe(&text);
	return found;
}

bool
cred_recall(const struct cred_query *q, const char *key, struct cred *out)
{
	struct cred_kept *kept = find_kept(q->chain, key);
	char *name, *path;
	bool found;

	if (kept != NULL && lasts(q, &kept->cred)) {
		copy(out, &kept->cred);
		return true;
	}
	if (q->chain->refused)
		return false;
	name = xasprintf("~/.aws/cli/cache/%s.json", key);
	path = file_expand(name);
	found = read_cli_file(path, out) && lasts(q, out);
	free(name);
	free(path);
	if (!found)
		cred_release(out);
	return found;
}

void
cred_remember(const struct cred_query *q, const char *key,
    const struct cred *c)
{
	struct cred_chain *chain = q->chain;
	struct cred_kept *kept = find_kept(chain, key);

	if (kept == NULL) {
		chain->kept = xgrow(chain->kept, chain->n_kept,
		    &chain->cap_kept, sizeof(*chain->kept));
		kept = &chain->kept[chain->n_kept++];
		memset(kept, 0, sizeof(*kept));
		memcpy(kept->key, key, CRED_KEY_SIZE);
	}
	cred_release(&kept->cred);
	copy(&kept->cred, c);
}

void
cred_forget_kept(struct cred_chain *chain)
{
	for (size_t i = 0; i < chain->n_kept; i++)
		cred_release(&chain->kept[i].cred);
	free(chain->kept);
	chain->kept = NULL;
	chain->n_kept = chain->cap_kept = 0;
}
