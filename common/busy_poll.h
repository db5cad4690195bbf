/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Busy-poll a hardware device: the driver's receive path runs in our system
 * calls instead of in interrupts. busy_poll_watch() stops busy polling if the
 * driver stops sending.
 */
#ifndef BUSY_POLL_H
#define BUSY_POLL_H

#include <stdbool.h>
#include <linux/types.h>

struct xsk;

struct busy_poll {
	bool on;
	/* State at the last check by busy_poll_watch(): */
	__u32 sent;   /* TX's consumer index */
	bool waited;  /* packets were waiting in TX */
	long tick_ns; /* tv_nsec of the time of this check */
};

/*
 * busy_poll_start - start busy polling; set busy_poll->on if the kernel allows
 * it
 */
void busy_poll_start(struct busy_poll *busy_poll, const struct xsk *xsk);

/*
 * busy_poll_watch - stop busy polling if nothing leaves TX
 * @xsk: the socket on @queue of the device @ifname
 *
 * A NAPI is the unit of a driver that the kernel polls. virtio_net has separate
 * NAPIs for RX and TX. So has igb, if it uses at most half of the card's
 * queues. We poll the NAPI of RX. In zero-copy mode the NAPI of TX sends, but
 * the kernel does not wake it for a socket that busy-polls, so packets may stay
 * in TX. Call this function at least every few milliseconds; it checks at most
 * every 60 ms.
 */
void busy_poll_watch(struct busy_poll *busy_poll, const struct xsk *xsk,
		     const char *ifname, __u32 queue);

#endif /* BUSY_POLL_H */
