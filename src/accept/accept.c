/*
 * accept: the door.  Listeners, limits on connections and tickets; what a
 * client says is left to session.c.
 */
#include "accept/accept.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "accept/auth.h"
#include "accept/login.h"
#include "accept/peer.h"
#include "accept/session.h"
#include "util/listen.h"
#include "util/log.h"
#include "util/mem.h"

#define BACKLOG	   1024
#define PAUSE_S	   1  /* of listening, when no descriptor is left */
#define SORRY_MOST 64 /* clients turned away before such a pause */

struct listener {
	struct accept *accept;
	const struct config_listener *config;
	struct evconnlistener *events;
};

struct accept {
	struct session_room room;
	struct listener *listeners;
	size_t n_listeners;
	struct event *resume; /* listening, after a pause */
	int reserve;	      /* a descriptor to turn clients away with */
};

static int open_reserve(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_resume(evutil_socket_t fd, short what, void *context)
{
	struct accept *a = context;
	size_t i;

	(void)fd;
	(void)what;
	if (a->reserve < 0)
		a->reserve = open_reserve();
	for (i = 0; i < a->n_listeners; i++)
		evconnlistener_enable(a->listeners[i].events);
}

struct accept *accept_new(struct event_base *base, const struct config *config,
    struct tls_server *tls, struct job_queue *jobs,
    const struct accept_hooks *hooks)
{
	struct accept *a = mem_zalloc(sizeof(*a));
	struct timeval command = {config->limits.command_timeout_s, 0};
	struct timeval data = {config->limits.data_timeout_s, 0};

	a->room.base = base;
	a->room.config = config_ref(config);
	a->room.tls = tls;
	a->room.auth = auth_new(config, jobs);
	a->room.peers = peer_table_new(config->limits.auth_failures);
	a->room.hooks = *hooks;
	a->room.command_timeout =
	    event_base_init_common_timeout(base, &command);
	a->room.data_timeout = event_base_init_common_timeout(base, &data);
	a->resume = evtimer_new(base, on_resume, a);
	a->reserve = open_reserve();
	return a;
}

void accept_renew(struct accept *accept, const struct config *config)
{
	const struct config *old = accept->room.config;

	accept->room.config = config_ref(config);
	auth_renew(accept->room.auth, config);
	config_unref(old);
}

/* ---- new clients --------------------------------------------------------- */

/* Too few bytes to block, or the client does not deserve them. */
static void turn_away(struct accept *a, int fd, const char *address,
    const char *reply, const char *why)
{
	if (!a->room.turned_away)
		log_warning(
		    "accept turned-away from=%s reason=\"%s\"", address, why);
	a->room.turned_away = true;
	if (send(fd, reply, strlen(reply), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("accept unsaid from=%s", address);
	close(fd);
}

/* Whoever speaks before our banner takes us for something else. */
static bool spoke_first(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void on_accept(struct evconnlistener *events, evutil_socket_t fd,
    struct sockaddr *from, int from_size, void *context)
{
	const struct listener *l = context;
	struct accept *a = l->accept;
	const struct config_limits *limits = &a->room.config->limits;
	char address[PEER_ADDRESS_SIZE];
	struct peer *peer;

	(void)events;
	(void)from_size;
	peer_address(from, address);
	if (a->room.n_sessions >= limits->connections) {
		turn_away(a, fd, address,
		    "421 4.7.0 too many connections, try again later\r\n",
		    "limits.connections");
		return;
	}
	if (l->config->tls != CONFIG_TLS_IMPLICIT && spoke_first(fd)) {
		turn_away(a, fd, address,
		    "554 5.5.1 wait for the banner before you speak\r\n",
		    "spoke first");
		return;
	}
	peer = peer_take(a->room.peers, address, limits->connections_per_peer);
	if (peer == NULL) {
		turn_away(a, fd, address,
		    "421 4.7.0 too many connections from your address\r\n",
		    "limits.connections_per_peer");
		return;
	}
	a->room.turned_away = false;
	session_open(&a->room, l->config, peer, address, fd);
}

/*
 * No descriptor is left.  Those who wait are told so by means of the one in
 * reserve; then listening pauses, since the sockets would stay readable and
 * the loop would spin.
 */
static void on_accept_error(struct evconnlistener *events, void *context)
{
	static const struct timeval pause = {PAUSE_S, 0};
	struct accept *a = ((struct listener *)context)->accept;
	int why = EVUTIL_SOCKET_ERROR(), fd, i;

	log_error("accept failed reason=\"%s\"", strerror(why));
	for (i = 0; i < SORRY_MOST && a->reserve >= 0; i++) {
		close(a->reserve);
		fd = accept4(evconnlistener_get_fd(events), NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0)
			turn_away(a, fd, "-",
			    "421 4.3.2 no descriptors left, try again "
			    "later\r\n",
			    "no descriptors");
		a->reserve = open_reserve();
		if (fd < 0)
			break;
	}
	for (i = 0; i < (int)a->n_listeners; i++)
		evconnlistener_disable(a->listeners[i].events);
	evtimer_add(a->resume, &pause);
}

/* ---- listeners ----------------------------------------------------------- */

static int listen_on(struct accept *a, const struct config_listener *config,
    int fd, struct error *err)
{
	struct listener *l = &a->listeners[a->n_listeners];

	if (fd < 0)
		fd = listen_tcp(config->address, config->port, err);
	if (fd < 0)
		return -1;
	l->accept = a;
	l->config = config;
	l->events = evconnlistener_new(a->room.base, on_accept, l,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, fd);
	if (l->events == NULL) {
		close(fd);
		return error_set(err, ERROR_INTERNAL,
		    "cannot listen on \"%s\" port %u: %s", config->address,
		    config->port, strerror(errno));
	}
	evconnlistener_set_error_cb(l->events, on_accept_error);
	a->n_listeners++;
	log_info("accept listening address=%s port=%u", config->address,
	    config->port);
	return 0;
}

int accept_listen(struct accept *accept, const int *inherited,
    size_t n_inherited, struct error *err)
{
	const struct config *config = accept->room.config;
	const struct config_listener *l;
	size_t i;

	accept->listeners =
	    mem_zalloc(config->n_listeners * sizeof(*accept->listeners));
	for (i = 0; i < config->n_listeners; i++) {
		l = &config->listeners[i];
		if (listen_on(accept, l,
			listen_inherited(
			    l->address, l->port, inherited, n_inherited),
			err))
			return -1;
	}
	return 0;
}

/* ---- answers and end ----------------------------------------------------- */

void accept_answer(
    struct accept_ticket *ticket, const struct accept_answer *answer)
{
	struct session_room *room = ticket->room;

	if (room != NULL) {
		if (ticket->prev != NULL)
			ticket->prev->next = ticket->next;
		else
			room->tickets = ticket->next;
		if (ticket->next != NULL)
			ticket->next->prev = ticket->prev;
		room->n_tickets--;
	}
	if (ticket->session != NULL)
		session_answer(ticket->session, answer);
	if (ticket->answered != NULL)
		ticket->answered(answer, ticket->context);
	free(ticket);
}

struct accept_ticket *accept_ticket_new(
    void (*answered)(const struct accept_answer *answer, void *context),
    void *context)
{
	struct accept_ticket *ticket = mem_zalloc(sizeof(*ticket));

	ticket->answered = answered;
	ticket->context = context;
	return ticket;
}

static void free_listeners(struct accept *accept)
{
	size_t i;

	for (i = 0; i < accept->n_listeners; i++)
		evconnlistener_free(accept->listeners[i].events);
	accept->n_listeners = 0;
}

void accept_close(struct accept *accept, const char *why)
{
	struct session *s, *next;

	if (accept->room.closing != NULL)
		return;
	accept->room.closing = why;
	evtimer_del(accept->resume);
	free_listeners(accept);
	for (s = accept->room.sessions; s != NULL; s = next) {
		next = session_next(s);
		session_close_idle(s);
	}
}

void accept_login(struct accept *accept, struct accept_login *login)
{
	login_start(&accept->room, login);
}

size_t accept_sessions(const struct accept *accept)
{
	return accept->room.n_sessions;
}

size_t accept_waiting(const struct accept *accept)
{
	return accept->room.n_tickets;
}

void accept_free(struct accept *accept)
{
	struct accept_ticket *ticket;

	if (accept == NULL)
		return;
	free_listeners(accept);
	while (accept->room.sessions != NULL)
		session_free(accept->room.sessions);
	for (ticket = accept->room.tickets; ticket; ticket = ticket->next)
		ticket->room = NULL;
	login_end(&accept->room);
	auth_free(accept->room.auth);
	peer_table_free(accept->room.peers);
	event_free(accept->resume);
	if (accept->reserve >= 0)
		close(accept->reserve);
	free(accept->listeners);
	config_unref(accept->room.config);
	free(accept);
}
