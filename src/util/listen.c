/*
 * listen: makes and binds sockets.  Accepting, and who may connect, is left
 * to the servers.
 */
#include "util/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A numeric address as a sockaddr; its size, or 0. */
static socklen_t parse_address(
    const char *address, unsigned port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		return sizeof(*v6);
	}
	return 0;
}

static int new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int listen_tcp(const char *address, unsigned port, struct error *err)
{
	struct sockaddr_storage to;
	socklen_t size = parse_address(address, port, &to);
	int on = 1, fd;

	if (size == 0 || port > UINT16_MAX)
		return error_set(err, ERROR_INVALID,
		    "no numeric address and port: \"%s\" %u", address, port);
	fd = new_socket(to.ss_family);
	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, (struct sockaddr *)&to, size) == 0)
		return fd;
	error_set(err, errno == EADDRINUSE ? ERROR_CONFLICT : ERROR_INVALID,
	    "cannot listen on \"%s\" port %u: %s", address, port,
	    strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Does a process answer?  0 when none does, or the errno of the doubt. */
static int nobody_answers(const struct sockaddr_un *to)
{
	int fd = new_socket(AF_UNIX), why;

	if (fd < 0)
		return errno;
	why = connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0
		  ? EADDRINUSE
		  : errno;
	close(fd);
	return why == ECONNREFUSED || why == ENOENT ? 0 : why;
}

/* Remove a socket file that was left behind. */
static int clear_way(const struct sockaddr_un *to, struct error *err)
{
	struct stat st;
	int why;

	if (lstat(to->sun_path, &st) != 0)
		return 0; /* if that is a fault, bind() finds it too */
	if (!S_ISSOCK(st.st_mode))
		return error_set(err, ERROR_CONFLICT,
		    "\"%s\" exists and is no socket", to->sun_path);
	why = nobody_answers(to);
	if (why != 0)
		return error_set(err, ERROR_CONFLICT,
		    "cannot take over \"%s\": %s", to->sun_path, strerror(why));
	if (unlink(to->sun_path) != 0 && errno != ENOENT)
		return error_set(err, ERROR_INVALID, "cannot remove \"%s\": %s",
		    to->sun_path, strerror(errno));
	return 0;
}

/* Nobody can connect before listen(), so the mode may come after bind(). */
int listen_unix(const char *path, mode_t mode, struct error *err)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(to.sun_path))
		return error_set(err, ERROR_INVALID,
		    "\"%s\" is too long for a socket's path", path);
	memcpy(to.sun_path, path, strlen(path));
	if (clear_way(&to, err))
		return -1;
	fd = new_socket(AF_UNIX);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
	    chmod(path, mode) == 0)
		return fd;
	error_set(err, ERROR_INVALID, "cannot listen on \"%s\": %s", path,
	    strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool is_at(int fd, const char *wanted, unsigned port)
{
	struct sockaddr_storage at;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&at;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&at;
	unsigned char address[sizeof(struct in6_addr)];
	socklen_t size = sizeof(at);

	if (getsockname(fd, (struct sockaddr *)&at, &size) != 0)
		return false;
	if (at.ss_family == AF_INET)
		return ntohs(v4->sin_port) == port &&
		       inet_pton(AF_INET, wanted, address) == 1 &&
		       memcmp(&v4->sin_addr, address, 4) == 0;
	return at.ss_family == AF_INET6 && ntohs(v6->sin6_port) == port &&
	       inet_pton(AF_INET6, wanted, address) == 1 &&
	       memcmp(&v6->sin6_addr, address, 16) == 0;
}

int listen_inherited(
    const char *address, unsigned port, const int *inherited, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (is_at(inherited[i], address, port)) {
			evutil_make_socket_nonblocking(inherited[i]);
			evutil_make_socket_closeonexec(inherited[i]);
			return inherited[i];
		}
	return -1;
}
