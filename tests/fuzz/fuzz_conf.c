/* fuzz_conf - the parser of the AWS configuration files */
#include <sys/mman.h>
#include <unistd.h>

#include "aws/conf.h"

#include "fuzz.h"

/* Everything one can ask about a name. */
static void
ask(const struct conf *c, const char *profile)
{
	char *place = conf_place(c, profile, "region");

	if (conf_get(c, profile, "region") != NULL) {
		holds(conf_has_profile(c, profile), "a key has a profile");
		holds(*place != '\0', "a key has a place");
	}
	free(place);
	(void)conf_nested(c, "profile", profile, "s3", "max_queue_size");
	(void)conf_nested(c, "services", profile, "sts", "endpoint_url");
	if (conf_section(c, "sso-session", profile, "sso_region") != NULL)
		holds(conf_has_section(c, "sso-session", profile),
		    "a key has a section");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("config", MFD_CLOEXEC);
	char path[64];
	struct err e = { 0 };
	struct conf *c;

	holds(fd != -1 && write(fd, data, size) == (ssize_t)size,
	    "the input is written");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	setenv("AWS_CONFIG_FILE", path, 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
	c = conf_load(&e);
	if (c != NULL) {
		ask(c, "default");
		ask(c, "dev");
		ask(c, "");
	} else
		holds(e.kind == ERR_CRED && e.msg[0] != '\0',
		    "a refusal says why");
	conf_free(c);
	close(fd);
	return 0;
}
