/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Variables in .bss that the generator's BPF programs share with its process.
 */
#ifndef PKTGEN_H
#define PKTGEN_H

#include <linux/types.h>

enum {
	PKTGEN_NEXT_HEADER = 14 + 6,
	PKTGEN_SOURCE = 14 + 8,
	PKTGEN_SOURCE_LOW = PKTGEN_SOURCE + 14, /* last 16 bits of the source */
	PKTGEN_DESTINATION = PKTGEN_SOURCE + 16,
	PKTGEN_TYPE = 14 + 40,
	PKTGEN_CHECKSUM = PKTGEN_TYPE + 2,
	PKTGEN_CHECKSUM_UDP = PKTGEN_TYPE + 6,
	PKTGEN_STAMP = PKTGEN_TYPE + 8, /* the time of sending, 8 bytes */
	PKTGEN_ICMPV6 = 58,
	PKTGEN_ECHO_REQUEST = 128,
	PKTGEN_ECHO_REPLY = 129,
};

/*
 * Round trips are counted in steps of 512 ns. The last step also counts all
 * longer round trips.
 */
#define PKTGEN_STEP_SHIFT 9
#define PKTGEN_STEPS	  8192

/* generate() and count() write to separate cache lines. */
struct pktgen {
	__u8 headers[14 + 40 + 8]; /* Ethernet, IPv6, ICMPv6 or UDP */
	__u8 reply_type;	   /* the ICMPv6 type that counts as a reply */
	__u8 stamps;		   /* true: measure round trips */
	__u8 udp;		   /* true: send UDP, not ICMPv6 */
	__u16 flows;		   /* number of source addresses */
	__u64 interval_ns;	   /* time between two packets; 0: full rate */
	__u64 limit;		   /* packets to send */
	__u64 pid_ns_dev;	   /* device number of our PID namespace */
	__u64 pid_ns_inode;	   /* inode number of the same namespace */
	__u32 pid;		   /* traced process's PID in this namespace */

	/* Times are from CLOCK_MONOTONIC. The first packet sets start_ns. */
	__u64 start_ns __attribute__((aligned(64)));
	__u64 last_sent_ns;
	__u64 sent;

	__u64 last_reply_ns __attribute__((aligned(64)));
	__u64 replies;

	__u64 syscalls __attribute__((aligned(64)));

	__u64 round_trips[PKTGEN_STEPS] __attribute__((aligned(64)));
};

#endif /* PKTGEN_H */
