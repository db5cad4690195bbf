// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/say.h"
#include "common/xsk_option.h"
#include "lessons/wire.h"

/*
 * In copy mode one system call sends at most BATCH packets by default. Since
 * kernel 6.17 a socket can raise this limit to LARGE_BATCH.
 */
#define BATCH	    32
#define LARGE_BATCH 128

#define VLAN_TAG 4 /* bytes of a tag */

static void join(struct wire *wire)
{
	struct side *sides = wire->pair.sides;
	__u32 a = sides[0].sockets, b = sides[1].sockets;

	assert(a && b);
	for (__u32 i = 0; i < wire->n; i++) {
		struct port *port = &wire->ports[i];
		__u32 queue = i < a ? i : i - a;

		port->wire = wire;
		port->side = &sides[i >= a];
		port->out = &wire->ports[i < a ? a + queue % b : queue % a];
		port->mac = wire->pair.answer ? port->side->dev.mac : NULL;
		port->stats.queue = wire->pair.opts.queue + queue;
	}
}

int wire_open(struct wire *wire, int argc, char **argv)
{
	int err = pair_open(&wire->pair, argc, argv);

	if (err)
		return err;
	wire->n = wire->pair.reporter.sockets;
	wire->ports = calloc(wire->n, sizeof(*wire->ports));
	wire->fds = calloc(wire->n + 1, sizeof(*wire->fds));
	if (!wire->ports || !wire->fds)
		return say_error(-ENOMEM, "%u sockets: %s", wire->n,
				 strerror(ENOMEM));
	join(wire);
	return 0;
}

/* Update the length of the largest packet that can leave by each port. */
static void update(struct wire *wire)
{
	for (__u32 i = 0; i < wire->n; i++) {
		const struct device *dev = &wire->ports[i].side->dev;

		/*
		 * The kernel's bridge uses the same limit:
		 * is_skb_forwardable().
		 */
		wire->ports[i].largest =
			dev->is_up ? dev->mtu + ETH_HLEN + VLAN_TAG : 0;
	}
}

/*
 * Read all counters. No port owns the free frames, so the report shows them at
 * the first port. first->frames is the number of all frames, less the frames
 * that the other ports use. So a lost frame is missing at the first port.
 */
static void count(struct wire *wire)
{
	struct stats *first = wire->pair.reporter.now;
	__u32 others = 0;

	for (__u32 i = 0; i < wire->n; i++) {
		struct stats *stats = &first[i];
		struct places *p = &stats->places;

		*stats = wire->ports[i].stats;
		*p = xsk_places(&wire->ports[i].xsk);
		xsk_option_statistics(wire->fds[i].fd, &stats->kernel);
		if (!i)
			continue;
		p->free = 0;
		stats->frames = p->fill + p->kernel_rx + p->rx + p->tx +
				p->kernel_tx + p->completion;
		others += stats->frames;
	}
	first->frames = wire->umem.frames.total - others;
}

int wire_start(struct wire *wire)
{
	struct pair *pair = &wire->pair;
	int err = pair_attach(pair);

	wire->batch = LARGE_BATCH;
	for (__u32 i = 0; i < wire->n; i++) {
		int fd = xsk_socket__fd(wire->ports[i].xsk.socket);

		wire->fds[i].fd = fd;
		wire->ports[i].stats.zero_copy = xsk_option_is_zero_copy(fd);
		if (!xsk_option_tx_budget(fd, LARGE_BATCH))
			wire->batch = BATCH;
	}
	wire->fds[wire->n] = (struct pollfd){ pair->events.fd, POLLIN, 0 };
	update(wire);
	for (__u32 i = 0; !err && i < wire->n; i++)
		err = pair_add_socket(wire->ports[i].side,
				      wire->ports[i].stats.queue,
				      wire->fds[i].fd);
	if (err)
		return err;
	count(wire);
	return pair_start(pair, wire->umem.frames.size);
}

int wire_events(struct wire *wire, int n)
{
	int due;

	if (n < 0)
		return say_error(-errno, "poll: %s", strerror(errno));
	if (!wire->fds[wire->n].revents)
		return 0;
	due = pair_events(&wire->pair);
	update(wire);
	if (due <= 0)
		return due;
	count(wire);
	return reporter_print(&wire->pair.reporter, "");
}

int wire_end(struct wire *wire, int err)
{
	count(wire);
	return pair_end(&wire->pair, err);
}

void wire_close(struct wire *wire)
{
	/* Close the sockets before their UMEM. */
	for (__u32 i = 0; wire->ports && i < wire->n; i++)
		xsk_close(&wire->ports[i].xsk);
	umem_close(&wire->umem);
	free(wire->fds);
	free(wire->ports);
	pair_close(&wire->pair);
}
