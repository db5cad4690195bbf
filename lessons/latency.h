/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Times that travel with a packet, in its frame. User space and the XDP program
 * share this layout.
 *
 *	| free | tx: flags, sent | received | asked | rx: entry, ... | packet |
 *	       ^                                    ^                ^
 *	       addr - sizeof(struct times)          addr - 24         addr
 *
 * The XDP program writes struct rx_metadata, user space writes "flags",
 * "received" and "asked", and the kernel writes "sent". All times except
 * "device" are nanoseconds of CLOCK_TAI, because the kernel reads this clock
 * for "sent".
 */
#ifndef LATENCY_H
#define LATENCY_H

#include <linux/types.h>

/* The XDP program makes room for this struct by bpf_xdp_adjust_meta(). */
struct rx_metadata {
	__u64 entry;	/* the XDP program began */
	__u64 device;	/* arrival, by the device's clock; 0: unknown */
	__u32 hash;	/* the hash that spreads flows over RX queues */
	__u32 has_hash; /* 0: the driver reports no hash */
};

/*
 * The kernel's struct xsk_tx_metadata, as far as we use it. In the kernel's
 * struct a union follows the flags. When the kernel takes the packet from TX,
 * it reads the union as a request, for example for a launch time. Later it
 * writes the time of sending to the start of the union.
 */
struct tx_metadata {
	__u64 flags; /* XDP_TXMD_FLAGS_TIMESTAMP: report the time of sending */
	__u64 sent;  /* time of sending; set to 0 before sending */
	__u64 launch_time;
};

/* The data before a packet. Its size must be a multiple of 8, below 256. */
struct times {
	struct tx_metadata tx;
	__u64 received; /* user space found the packet in RX */
	__u64 asked;	/* user space put the answer into TX */
	struct rx_metadata rx;
};

#endif /* LATENCY_H */
