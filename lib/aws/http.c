/* http.c - one HTTP exchange over a connection that is kept */
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <curl/curl.h>

#include "aws/http.h"
#include "aws/http_debug.h"
#include "base/alloc.h"
#include "base/sig.h"

static const double STEP_MAX = 1.0;	/* longest sleep between two looks */
static const double RATE_MIN = 64;	/* bytes a second */

struct http {
	struct http_opts opts;
	CURLM *multi;
	CURL *easy;
	int signals;			/* readable when a stop is pending */
	char error[CURL_ERROR_SIZE];
};

/* One exchange while it runs. */
struct exchange {
	struct http *h;
	const struct http_request *req;
	struct http_response *res;
	size_t sent;			/* of the body */
	size_t header_bytes;		/* of all answers, also 1xx */
	const char *refused;		/* why a callback stopped it, or NULL */
	double ready;			/* when connected; 0: not yet */
	double heard;			/* when a byte moved last */
	size_t moved;			/* how many had by then */
};

struct http *
http_new(const struct http_opts *opts)
{
	struct http *h = xcalloc(1, sizeof(*h));

	h->opts = *opts;
	h->signals = -1;
	return h;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->easy);
	curl_multi_cleanup(h->multi);
	if (h->signals != -1)
		close(h->signals);
	free(h);
}

/*
 * A descriptor that becomes readable when a stop signal is pending. It is
 * only waited for, never read: the handler of sig.c still gets the signal.
 */
static int
open_signals(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	return signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
}

/*
 * libcurl leaves its descriptors open for programs that we start. The pair
 * that a multi handle makes is found by what was not there before.
 */
static CURLM *
new_multi(void)
{
	bool there[256];
	CURLM *m;

	for (int fd = 0; fd < (int)ARRAY_LEN(there); fd++)
		there[fd] = fcntl(fd, F_GETFD) != -1;
	m = curl_multi_init();
	for (int fd = 0; fd < (int)ARRAY_LEN(there); fd++)
		if (!there[fd])
			(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return m;
}

static int
on_socket(void *arg, curl_socket_t fd, curlsocktype type)
{
	(void)arg;
	(void)type;
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ? CURL_SOCKOPT_ERROR :
	    CURL_SOCKOPT_OK;
}

/* libcurl's memory holds keys and tokens, so what it frees is wiped. */
static int
start(struct http *h, struct err *e)
{
	static bool started;

	if (!started && curl_global_init_mem(CURL_GLOBAL_DEFAULT, xmalloc,
	    xwipe_free, xwipe_realloc, xstrdup, xcalloc) != CURLE_OK)
		return err_set(e, ERR_SYSTEM, "cannot start libcurl");
	started = true;
	if (h->signals == -1 && (h->signals = open_signals()) == -1)
		return err_set(e, ERR_SYSTEM, "cannot watch for signals");
	if (h->multi == NULL && (h->multi = new_multi()) == NULL)
		return err_set(e, ERR_SYSTEM, "cannot start libcurl");
	if (h->easy == NULL && (h->easy = curl_easy_init()) == NULL)
		return err_set(e, ERR_SYSTEM, "cannot start libcurl");
	return 0;
}

static size_t
on_send(char *to, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	size_t left = x->req->body_len - x->sent;
	size_t len = size * n < left ? size * n : left;

	if (len > 0)
		memcpy(to, x->req->body + x->sent, len);
	x->sent += len;
	return len;
}

/*
 * libcurl repeats a request by itself when a kept connection turns out to
 * be dead. It cannot know whether the server has acted on the first one, so
 * requests that may not arrive twice refuse to be rewound.
 */
static int
on_rewind(void *arg, curl_off_t offset, int origin)
{
	struct exchange *x = arg;

	if (x->req->once || offset != 0 || origin != SEEK_SET)
		return CURL_SEEKFUNC_FAIL;
	x->sent = 0;
	return CURL_SEEKFUNC_OK;
}

static int
add_header_line(struct buf *out, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	size_t name_len = colon != NULL ? (size_t)(colon - line) : 0;
	const char *value = line + name_len + 1;
	size_t value_len = len - name_len - 1;

	if (colon == NULL)
		return 0;	/* the blank line at the end */
	while (value_len > 0 && isspace((unsigned char)*value))
		value++, value_len--;
	while (value_len > 0 && isspace((unsigned char)value[value_len - 1]))
		value_len--;
	for (size_t i = 0; i < name_len; i++)
		if (buf_putc(out, (char)tolower((unsigned char)line[i])) == -1)
			return -1;
	if (buf_puts(out, ": ") == -1 || buf_add(out, value, value_len) == -1)
		return -1;
	return buf_putc(out, '\n');
}

static size_t
on_header(char *line, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	size_t len = size * n;

	x->header_bytes += len;
	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0)
		buf_reset(&x->res->headers);	/* after a 1xx, a new answer */
	else if (add_header_line(&x->res->headers, line, len) == -1)
		x->header_bytes = HTTP_HEADERS_MAX + 1;
	if (x->header_bytes <= HTTP_HEADERS_MAX)
		return len;
	x->refused = "the headers of the answer are too large";
	return 0;
}

static size_t
on_body(char *s, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;

	if (buf_add(&x->res->body, s, size * n) == 0)
		return size * n;
	x->refused = "the answer is too large";
	return 0;
}

static long
to_ms(double seconds)
{
	if (seconds <= 0 || seconds > INT_MAX / 1000)
		return INT_MAX;		/* libcurl's 0 means its default */
	return (long)ceil(seconds * 1000);
}

/* The blank after "name;" keeps a header with an empty value. */
static struct curl_slist *
header_list(const struct http_request *req)
{
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < req->n_headers; i++) {
		const struct http_header *p = &req->headers[i];
		char *line = *p->value != '\0' ?
		    xasprintf("%s: %s", p->name, p->value) :
		    xasprintf("%s;", p->name);

		list = curl_slist_append(list, line);
		xwipe_free(line);
	}
	list = curl_slist_append(list, "Expect:");
	list = curl_slist_append(list, "Accept:");
	if (req->body == NULL || req->body_len == 0)
		list = curl_slist_append(list, "Content-Type:");
	return list;
}

static void
set_method(CURL *c, struct exchange *x)
{
	const char *method = x->req->method;

	if (x->req->body == NULL && (strcmp(method, "GET") == 0 ||
	    strcmp(method, "DELETE") == 0)) {
		curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	} else {
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)x->req->body_len);
		curl_easy_setopt(c, CURLOPT_READFUNCTION, on_send);
		curl_easy_setopt(c, CURLOPT_READDATA, x);
		curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, on_rewind);
		curl_easy_setopt(c, CURLOPT_SEEKDATA, x);
	}
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
}

/*
 * libcurl itself reads the proxy variables, but HTTP_PROXY only in lower
 * case: in a CGI program a client can set the upper-case one.
 */
static void
set_proxy(CURL *c, const struct http *h, const char *url)
{
	const char *proxy = getenv("HTTP_PROXY");

	if (h->opts.no_proxy)
		curl_easy_setopt(c, CURLOPT_PROXY, "");
	else if (strncmp(url, "http:", 5) == 0 && proxy != NULL &&
	    getenv("http_proxy") == NULL && getenv("REQUEST_METHOD") == NULL)
		curl_easy_setopt(c, CURLOPT_PROXY, proxy);
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

static void
prepare(struct exchange *x, struct curl_slist *headers)
{
	struct http *h = x->h;
	CURL *c = h->easy;

	curl_easy_reset(c);
	h->error[0] = '\0';
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->error);
	curl_easy_setopt(c, CURLOPT_URL, x->req->url);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);	/* as it was signed */
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
	    to_ms(h->opts.connect_timeout));
	curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE,
	    (curl_off_t)HTTP_BODY_MAX);
	if (h->opts.ca_bundle != NULL)
		curl_easy_setopt(c, CURLOPT_CAINFO, h->opts.ca_bundle);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	set_method(c, x);
	set_proxy(c, h, x->req->url);
}

/* Has the answer been silent, or slow, for longer than we bear? */
static bool
too_slow(struct exchange *x, double now)
{
	double limit = x->h->opts.read_timeout;
	size_t got = x->header_bytes + x->res->body.len, moved;
	curl_off_t connected = 0;
	long request = 0;

	if (x->ready == 0) {
		curl_easy_getinfo(x->h->easy, CURLINFO_PRETRANSFER_TIME_T,
		    &connected);
		if (connected == 0)
			return false;	/* the connect timeout's business */
		x->ready = x->heard = now;
	}
	curl_easy_getinfo(x->h->easy, CURLINFO_REQUEST_SIZE, &request);
	moved = got + x->sent + (size_t)request;
	if (moved != x->moved) {
		x->moved = moved;
		x->heard = now;
	}
	if (limit <= 0)
		return false;
	return now - x->heard > limit ||
	    (now - x->ready > limit && (double)(got + x->sent) <
	    (now - x->ready) * RATE_MIN);
}

/* How long nothing has to be looked at unless something happens. */
static double
time_to_sleep(const struct exchange *x)
{
	double left = fmin(wait_left(x->req->deadline), STEP_MAX);
	double limit = x->h->opts.read_timeout;

	if (x->ready == 0 || limit <= 0)
		return left;
	return fmax(fmin(left, x->heard + limit - wait_now()), 0);
}

/* Sleep until the network, a signal or the time asks for attention. */
static void
wait_for_event(struct exchange *x)
{
	struct curl_waitfd extra = { .fd = x->h->signals,
		.events = CURL_WAIT_POLLIN };
	sigset_t waiting;

	sig_hold(&waiting);
	if (sig_caught() == 0)
		(void)curl_multi_poll(x->h->multi, &extra, 1,
		    (int)ceil(time_to_sleep(x) * 1000), NULL);
	sig_resume(&waiting);
}

/* Run it to its end. Returns libcurl's verdict. */
static CURLcode
drive(struct exchange *x, enum err_kind *stopped)
{
	CURLM *m = x->h->multi;
	int running = 1, left;
	CURLMsg *msg;

	for (;;) {
		if (curl_multi_perform(m, &running) != CURLM_OK)
			return CURLE_FAILED_INIT;
		if (running == 0)
			break;
		if (sig_caught() != 0)
			*stopped = ERR_SIGNAL;
		else if (wait_expired(x->req->deadline))
			*stopped = ERR_DEADLINE;
		else if (too_slow(x, wait_now()))
			return CURLE_OPERATION_TIMEDOUT;
		if (*stopped != ERR_NONE)
			return CURLE_ABORTED_BY_CALLBACK;
		wait_for_event(x);
	}
	while ((msg = curl_multi_info_read(m, &left)) != NULL)
		if (msg->msg == CURLMSG_DONE)
			return msg->data.result;
	return CURLE_FAILED_INIT;
}

static enum http_failure
classify(const struct exchange *x, CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PROXY:
		return HTTP_CONNECT;
	case CURLE_OPERATION_TIMEDOUT:
		return x->ready == 0 ? HTTP_CONNECT : HTTP_TIMEOUT;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_SEND_FAIL_REWIND:
		return HTTP_BROKEN;
	case CURLE_OK:
		return HTTP_OK;
	default:
		return HTTP_FATAL;
	}
}

/* scheme://host of a URL: what a message may show. */
static int
origin_len(const char *url)
{
	const char *host = strstr(url, "://");

	host = host != NULL ? host + 3 : url;
	return (int)(host - url + (long)strcspn(host, "/?#"));
}

static void
explain(const struct exchange *x, CURLcode code, enum err_kind stopped,
    struct err *e)
{
	const char *url = x->req->url;
	const char *why = curl_easy_strerror(code);
	int len = origin_len(url);

	if (x->refused != NULL)
		why = x->refused;
	else if (code == CURLE_FILESIZE_EXCEEDED)
		why = "the answer is too large";
	else if (code == CURLE_OUT_OF_MEMORY)	/* ours never runs out */
		why = "a line of the answer is too long";
	else if (code == CURLE_OPERATION_TIMEDOUT && x->ready != 0)
		why = "no answer in time";
	else if (code != CURLE_SSL_CACERT_BADFILE && x->h->error[0] != '\0')
		why = x->h->error;
	if (stopped == ERR_SIGNAL)
		err_set(e, ERR_SIGNAL, "stopped while talking to %.*s", len,
		    url);
	else if (stopped == ERR_DEADLINE)
		err_set(e, ERR_DEADLINE, "the deadline passed while talking "
		    "to %.*s", len, url);
	else
		err_set(e, ERR_AWS, "%.*s: %s", len, url, why);
	if (code == CURLE_SSL_CACERT_BADFILE)
		err_hint(e, "see --ca-bundle, AWS_CA_BUNDLE, ca_bundle in the "
		    "profile: '%s'", x->h->opts.ca_bundle != NULL ?
		    x->h->opts.ca_bundle : "the system's certificates");
	else if (code == CURLE_PEER_FAILED_VERIFICATION)
		err_hint(e, "if there is a proxy with certificates of its own, "
		    "name them with --ca-bundle or AWS_CA_BUNDLE");
}

/* A line break in a header would let a value add headers of its own. */
static int
check_request(const struct http_request *req, struct err *e)
{
	if (strlen(req->url) > HTTP_URL_MAX)
		return err_set(e, ERR_AWS, "the URL is too long");
	for (size_t i = 0; i < req->n_headers; i++)
		for (const char *s = req->headers[i].value; *s != '\0'; s++)
			if ((unsigned char)*s < 0x20 || *s == 0x7f)
				return err_set(e, ERR_AWS, "control character "
				    "in header '%s'", req->headers[i].name);
	return 0;
}

/* Nothing compressed was asked for, and none of it is unpacked. */
static enum http_failure
check_encoding(const struct http_request *req,
    const struct http_response *res, struct err *e)
{
	char how[32];

	if (!http_response_header(res, "content-encoding", how, sizeof(how)) ||
	    strcasecmp(how, "identity") == 0 || res->body.len == 0)
		return HTTP_OK;
	err_set(e, ERR_AWS, "%.*s: the answer is compressed, which nobody "
	    "asked for", origin_len(req->url), req->url);
	return HTTP_FATAL;
}

enum http_failure
http_do(struct http *h, const struct http_request *req,
    struct http_response *res, struct err *e)
{
	struct exchange x = { .h = h, .req = req, .res = res };
	enum err_kind stopped = ERR_NONE;
	struct curl_slist *headers;
	CURLcode code;
	long status = 0;

	res->status = 0;
	buf_init(&res->headers, HTTP_HEADERS_MAX);
	buf_init(&res->body, HTTP_BODY_MAX);
	if (check_request(req, e) == -1 || start(h, e) == -1)
		return HTTP_FATAL;
	http_debug_request(req);
	headers = header_list(req);
	prepare(&x, headers);
	code = CURLE_FAILED_INIT;
	if (curl_multi_add_handle(h->multi, h->easy) == CURLM_OK)
		code = drive(&x, &stopped);
	curl_multi_remove_handle(h->multi, h->easy);
	curl_slist_free_all(headers);
	if (code != CURLE_OK) {
		explain(&x, code, stopped, e);
		return classify(&x, code);
	}
	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	res->status = (int)status;
	http_debug_response(req, res);
	return check_encoding(req, res, e);
}

bool
http_response_header(const struct http_response *res, const char *name,
    char *out, size_t size)
{
	size_t name_len = strlen(name);

	for (const char *s = res->headers.s; s != NULL && *s != '\0';) {
		size_t len = strcspn(s, "\n");

		if (len > name_len + 2 && memcmp(s, name, name_len) == 0 &&
		    memcmp(s + name_len, ": ", 2) == 0) {
			size_t n = len - name_len - 2;

			n = n < size ? n : size - 1;
			memcpy(out, s + name_len + 2, n);
			out[n] = '\0';
			return true;
		}
		s += len + (s[len] == '\n');
	}
	return false;
}

void
http_response_release(struct http_response *res)
{
	buf_wipe(&res->headers);
	buf_wipe(&res->body);
	res->status = 0;
}
