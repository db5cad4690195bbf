// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "headers/if_xdp_compat.h"
#include "headers/xsk.h"
#include "lessons/by_hand.h"

/*
 * struct xdp_umem_reg of Linux 6.8. Older kernels read only its first members.
 */
struct umem_reg {
	__u64 addr, len;
	__u32 chunk_size, headroom, flags, tx_metadata_len;
};

static int set(int fd, int option, const void *value, socklen_t size)
{
	return setsockopt(fd, SOL_XDP, option, value, size) ? -errno : 0;
}

static int register_memory(int fd, const struct umem *umem, __u32 metadata)
{
	const struct umem_reg reg = {
		.addr = (uintptr_t)umem->area,
		.len = (__u64)umem->frames.total * umem->frames.size,
		.chunk_size = umem->frames.size,
		.flags = XDP_UMEM_TX_METADATA_LEN,
		.tx_metadata_len = metadata,
	};

	return set(fd, XDP_UMEM_REG, &reg, sizeof(reg));
}

bool by_hand_has_metadata(__u32 metadata)
{
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), err = 0;
	struct umem umem;

	/* Return true, because by_hand_open() will report this error. */
	if (fd < 0)
		return true;
	if (!umem_open(&umem, 1, 4096))
		err = register_memory(fd, &umem, metadata);
	close(fd);
	umem_close(&umem);
	return err != -EINVAL;
}

static int create_rings(int fd)
{
	static const struct {
		int option, entries;
	} rings[] = {
		{ XDP_UMEM_FILL_RING, FILL_SIZE },
		{ XDP_UMEM_COMPLETION_RING, COMPLETION_SIZE },
		{ XDP_RX_RING, RX_SIZE },
		{ XDP_TX_RING, TX_SIZE },
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(rings) / sizeof(*rings); i++)
		err = set(fd, rings[i].option, &rings[i].entries,
			  sizeof(rings[i].entries));
	return err;
}

/*
 * Map a ring that we produce into. @at selects the ring for mmap(). @offset
 * comes from the kernel, and has the places of the two indices, the flags and
 * the entries in the mapped memory.
 *
 * Set cached_cons to the consumer's index, which is 0, plus the size. libxdp
 * expects this sum in a producer's ring, and subtracts cached_prod from it to
 * get the number of free entries.
 */
static int map_producer(int fd, off_t at, const struct xdp_ring_offset *offset,
			__u32 entries, size_t entry, struct xsk_ring_prod *ring)
{
	char *map = mmap(NULL, offset->desc + entries * entry,
			 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
			 at);

	if (map == MAP_FAILED)
		return -errno;
	*ring = (struct xsk_ring_prod){
		.cached_cons = entries,
		.mask = entries - 1,
		.size = entries,
		.producer = (__u32 *)(map + offset->producer),
		.consumer = (__u32 *)(map + offset->consumer),
		.ring = map + offset->desc,
		.flags = (__u32 *)(map + offset->flags),
	};
	return 0;
}

static int map_consumer(int fd, off_t at, const struct xdp_ring_offset *offset,
			__u32 entries, size_t entry, struct xsk_ring_cons *ring)
{
	struct xsk_ring_prod map;
	int err = map_producer(fd, at, offset, entries, entry, &map);

	if (err)
		return err;
	*ring = (struct xsk_ring_cons){
		.mask = map.mask,
		.size = map.size,
		.producer = map.producer,
		.consumer = map.consumer,
		.ring = map.ring,
		.flags = map.flags,
	};
	return 0;
}

static int map_rings(int fd, struct xsk *xsk)
{
	struct xdp_mmap_offsets offsets;
	socklen_t size = sizeof(offsets);
	int err;

	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &size))
		return -errno;
	err = map_producer(fd, XDP_UMEM_PGOFF_FILL_RING, &offsets.fr, FILL_SIZE,
			   sizeof(__u64), &xsk->fill);
	if (!err)
		err = map_consumer(fd, XDP_UMEM_PGOFF_COMPLETION_RING,
				   &offsets.cr, COMPLETION_SIZE, sizeof(__u64),
				   &xsk->completion);
	if (!err)
		err = map_consumer(fd, XDP_PGOFF_RX_RING, &offsets.rx, RX_SIZE,
				   sizeof(struct xdp_desc), &xsk->rx);
	if (!err)
		err = map_producer(fd, XDP_PGOFF_TX_RING, &offsets.tx, TX_SIZE,
				   sizeof(struct xdp_desc), &xsk->tx);
	return err;
}

int by_hand_open(struct umem *umem, struct xsk *xsk, __u32 metadata)
{
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	*xsk = (struct xsk){ .umem = umem };
	err = register_memory(fd, umem, metadata);
	if (!err)
		err = create_rings(fd);
	if (!err)
		err = map_rings(fd, xsk);
	if (!err) {
		fill_refill(xsk);
		return fd;
	}
	close(fd);
	return err;
}

int by_hand_bind(int fd, int ifindex, __u32 queue)
{
	const struct sockaddr_xdp address = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = XDP_USE_NEED_WAKEUP | XDP_COPY,
		.sxdp_ifindex = (__u32)ifindex,
		.sxdp_queue_id = queue,
	};

	return bind(fd, (const struct sockaddr *)&address, sizeof(address))
		       ? -errno
		       : 0;
}
