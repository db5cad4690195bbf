// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <time.h>

#include "common/busy_poll.h"
#include "common/say.h"
#include "common/xsk_option.h"
#include "headers/xsk.h"

#define CHECK_NS 60000000 /* shortest time between two checks */

void busy_poll_start(struct busy_poll *busy_poll, const struct xsk *xsk)
{
	int fd = xsk_socket__fd(xsk->socket);

	*busy_poll = (struct busy_poll){ .on = xsk_option_busy_poll(fd, true) };
}

static bool time_to_look(struct busy_poll *busy_poll)
{
	struct timespec now;
	long passed;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	passed = now.tv_nsec - busy_poll->tick_ns;
	if (passed < 0)
		passed += 1000000000;
	if (passed < CHECK_NS)
		return false;
	busy_poll->tick_ns = now.tv_nsec;
	return true;
}

void busy_poll_watch(struct busy_poll *busy_poll, const struct xsk *xsk,
		     const char *ifname, __u32 queue)
{
	__u32 waiting, sent;
	bool stuck;

	if (!busy_poll->on || !time_to_look(busy_poll))
		return;
	waiting = tx_waiting(xsk);
	sent = xsk->tx.cached_prod - waiting;
	stuck = waiting && busy_poll->waited && sent == busy_poll->sent;
	busy_poll->sent = sent;
	busy_poll->waited = waiting;
	if (!stuck)
		return;
	say("%s: queue %u sends nothing while it is busy-polled, so busy polling is switched off",
	    ifname, queue);
	busy_poll->on =
		xsk_option_busy_poll(xsk_socket__fd(xsk->socket), false);
}
