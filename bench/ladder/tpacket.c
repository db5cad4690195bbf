// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rung 3: a packet socket whose received packets are in shared memory.
 *
 *	tpacket DEV
 *
 * The kernel writes packets into blocks of a ring, and hands over a block when
 * the block is full, or BLOCK_MS old. So a packet may wait for BLOCK_MS, and
 * one wake-up serves many packets. This program rewrites the packets in their
 * block, and sendmmsg() copies the packets into skbs. See the kernel's
 * Documentation/networking/packet_mmap.rst.
 */
#include <linux/if_packet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "bench/ladder/rung.h"
#include "headers/icmp6_echo.h"

#define BLOCKS	   64
#define BLOCK_SIZE (64 * 1024)
#define BLOCK_MS   1 /* the shortest time that can be set */

static struct iovec out[RUNG_BATCH];
static struct mmsghdr replies[RUNG_BATCH];

static void *ring_open(int fd)
{
	struct tpacket_req3 ring = {
		.tp_block_size = BLOCK_SIZE,
		.tp_block_nr = BLOCKS,
		.tp_frame_size = RUNG_FRAME,
		.tp_frame_nr = BLOCKS * (BLOCK_SIZE / RUNG_FRAME),
		.tp_retire_blk_tov = BLOCK_MS,
	};
	int version = TPACKET_V3;
	void *blocks;

	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version,
		       sizeof(version)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)))
		rung_fail("PACKET_RX_RING");
	blocks = mmap(NULL, (size_t)BLOCKS * BLOCK_SIZE, PROT_READ | PROT_WRITE,
		      MAP_SHARED, fd, 0);
	if (blocks == MAP_FAILED)
		rung_fail("mmap");
	return blocks;
}

/* Answer the requests of a block, RUNG_BATCH replies at a time. */
static void answer(int fd, struct tpacket_block_desc *block, const __u8 *mac)
{
	struct tpacket3_hdr *header =
		(void *)block + block->hdr.bh1.offset_to_first_pkt;
	unsigned int n = 0;
	__u8 *packet;
	int reply;

	for (__u32 i = block->hdr.bh1.num_pkts; i; i--) {
		packet = (__u8 *)header + header->tp_mac;
		reply = icmp6_echo_reply(packet, packet + header->tp_snaplen,
					 mac);
		if (reply >= 0)
			out[n++] = (struct iovec){ packet, (size_t)reply };
		if (n == RUNG_BATCH || (n && i == 1)) {
			sendmmsg(fd, replies, n, 0);
			n = 0;
		}
		header = (void *)header + header->tp_next_offset;
	}
}

int main(int argc, char **argv)
{
	__u8 mac[ETH_ALEN];
	struct pollfd fd = {
		.fd = rung_open(argc == 2 ? argv[1] : NULL, mac),
		.events = POLLIN,
	};
	void *blocks = ring_open(fd.fd);
	struct tpacket_block_desc *block;

	for (int i = 0; i < RUNG_BATCH; i++)
		replies[i].msg_hdr =
			(struct msghdr){ .msg_iov = &out[i], .msg_iovlen = 1 };
	rung_bind(fd.fd, argv[1]);
	for (__u32 i = 0;; i = (i + 1) % BLOCKS) {
		block = blocks + (size_t)i * BLOCK_SIZE;
		while (!(__atomic_load_n(&block->hdr.bh1.block_status,
					 __ATOMIC_ACQUIRE) &
			 TP_STATUS_USER))
			poll(&fd, 1, -1);
		answer(fd.fd, block, mac);
		__atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL,
				 __ATOMIC_RELEASE);
	}
}
