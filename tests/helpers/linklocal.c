/*
 * linklocal.c - lead connections to the metadata services to a test's server
 *
 * Preloaded, it sends what goes to port 80 of 169.254.169.254, 169.254.170.2,
 * 169.254.170.23, [fd00:ec2::254] and [fd00:ec2::23] to port LINKLOCAL_PORT
 * of 127.0.0.1, and appends the address that was asked for to LINKLOCAL_LOG.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int	connect(int fd, const struct sockaddr *to, socklen_t len);

static const char *const places[] = {
	"169.254.169.254", "169.254.170.2", "169.254.170.23",
	"fd00:ec2::254", "fd00:ec2::23"
};

static int
is_place(const char *text)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(places[i], text) == 0)
			return 1;
	return 0;
}

int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	int (*real)(int, const struct sockaddr *, socklen_t);
	const struct sockaddr_in *four = (const struct sockaddr_in *)to;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)to;
	struct sockaddr_in6 mapped = { .sin6_family = AF_INET6 };
	struct sockaddr_in local = { .sin_family = AF_INET };
	char text[INET6_ADDRSTRLEN] = "";
	FILE *log;

	*(void **)&real = dlsym(RTLD_NEXT, "connect");
	if (to->sa_family == AF_INET && four->sin_port == htons(80))
		inet_ntop(AF_INET, &four->sin_addr, text, sizeof(text));
	if (to->sa_family == AF_INET6 && six->sin6_port == htons(80))
		inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof(text));
	if (!is_place(text))
		return real(fd, to, len);
	log = fopen(getenv("LINKLOCAL_LOG"), "a");
	if (log != NULL) {
		fprintf(log, "%s\n", text);
		fclose(log);
	}
	local.sin_port = htons((unsigned short)atoi(getenv("LINKLOCAL_PORT")));
	local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (to->sa_family == AF_INET)
		return real(fd, (struct sockaddr *)&local, sizeof(local));
	mapped.sin6_port = local.sin_port;
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
	return real(fd, (struct sockaddr *)&mapped, sizeof(mapped));
}
