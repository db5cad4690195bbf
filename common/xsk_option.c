// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

#include "common/xsk_option.h"
#include "headers/if_xdp_compat.h"

#define BUSY_USECS  20 /* any time above 0 switches busy polling on */
#define BUSY_BUDGET 32 /* packets that the driver may process in each call */

bool xsk_option_is_zero_copy(int fd)
{
	struct xdp_options options = { 0 };
	socklen_t len = sizeof(options);

	return !getsockopt(fd, SOL_XDP, XDP_OPTIONS, &options, &len) &&
	       (options.flags & XDP_OPTIONS_ZEROCOPY);
}

bool xsk_option_tx_budget(int fd, __u32 packets)
{
	return !setsockopt(fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, &packets,
			   sizeof(packets));
}

static bool set_busy_poll(int fd, bool on)
{
	const int prefer = on, usecs = on ? BUSY_USECS : 0,
		  budget = BUSY_BUDGET;

	return !setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL, &usecs,
			   sizeof(usecs)) &&
	       !setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL_BUDGET, &budget,
			   sizeof(budget)) &&
	       !setsockopt(fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, &prefer,
			   sizeof(prefer));
}

bool xsk_option_busy_poll(int fd, bool on)
{
	if (set_busy_poll(fd, on))
		return on;
	if (on)
		set_busy_poll(fd, false);
	return false;
}

/*
 * With MSG_DONTWAIT, sendto() may call the driver, and some drivers return
 * ENXIO if the XDP program is detached. Without this flag the kernel only
 * checks the socket: it returns ENXIO if the socket is unbound, and otherwise
 * refuses to wait (EOPNOTSUPP). Before Linux 5.11, recvfrom() checks nothing.
 */
bool xsk_option_is_unbound(int fd)
{
	return sendto(fd, NULL, 0, 0, NULL, 0) < 0 && errno == ENXIO;
}

void xsk_option_statistics(int fd, struct xdp_statistics *statistics)
{
	socklen_t len = sizeof(*statistics);

	getsockopt(fd, SOL_XDP, XDP_STATISTICS, statistics, &len);
}
