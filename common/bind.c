// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <linux/if_xdp.h>
#include <poll.h>
#include <string.h>

#include "common/bind.h"
#include "common/device.h"
#include "common/limits.h"
#include "common/say.h"
#include "headers/if_xdp_compat.h"
#include "headers/xsk.h"

#define TRIES	 100 /* maximum number of attempts to bind a busy queue */
#define PAUSE_MS 10  /* pause between two attempts */

int bind_check_mtu(const struct device *dev)
{
	if (device_frame_size(dev))
		return 0;
	if (dev->type == ARPHRD_LOOPBACK)
		return say_error(
			-EMSGSIZE,
			"%s: MTU %u: packets may be larger than a frame\n"
			"  a smaller MTU would harm this machine's own traffic; use a veth pair instead (testenv/testenv.sh setup makes one)",
			dev->name, dev->mtu);
	return say_error(
		-EMSGSIZE,
		"%s: MTU %u: packets may be larger than a frame\n"
		"  ip link set dev %s mtu %u sets the largest MTU that works; lessons/jumbo accepts a larger MTU",
		dev->name, dev->mtu, dev->name, device_largest_mtu(4096));
}

/* Return the number of UMEMs that this process opens. */
static __u32 umems(const struct device *dev)
{
	return dev->shares_umem ? 1 : dev->sockets;
}

/*
 * Print the limit of locked memory that the user needs. This limit includes the
 * memory that other processes of the user have locked and, with --all-queues,
 * the UMEMs that are not open yet.
 */
static int print_memory_limit(const struct device *dev, __u32 opened,
			      __u32 kbytes, __u64 lockable)
{
	__u64 more = (__u64)kbytes * (umems(dev) - opened);

	return say_error(
		-ENOBUFS,
		"UMEM: %u Kbytes are more memory than this process may lock\n"
		"  raise the limit, which all processes of this user share, with ulimit -l %llu; or run with CAP_IPC_LOCK",
		kbytes * umems(dev), limits_memory_needed(lockable, more));
}

int bind_check_memory(const struct device *dev, __u32 kbytes)
{
	__u64 all = (__u64)kbytes * umems(dev);
	__u64 lockable = limits_lockable(all);

	return lockable < all ? print_memory_limit(dev, 0, kbytes, lockable)
			      : 0;
}

int bind_say_umem(int err, const struct device *dev, __u32 queue, __u32 kbytes)
{
	if (err == -ENOBUFS)
		return print_memory_limit(dev, umems(dev) > 1 ? queue : 0,
					  kbytes, limits_lockable(kbytes));
	if (err == -EAFNOSUPPORT)
		return say_error(
			err,
			"UMEM: this kernel has no AF_XDP\n"
			"  boot Linux 5.9 or newer with CONFIG_XDP_SOCKETS=y");
	return say_error(err, "UMEM of %u Kbytes: %s", kbytes, strerror(-err));
}

/* Return the likely reason why the driver refuses zero-copy. */
static const char *zero_copy_reason(int err, const struct device *dev)
{
	if (err == -EINVAL && !strcmp(dev->driver, "virtio_net"))
		return "virtio_net needs the QEMU option iommu_platform=on, and an MTU whose packets fit into a frame";
	if (err == -EINVAL)
		return "the driver or this kernel does not support zero-copy, or only with a smaller MTU";
	if (!strcmp(dev->driver, "virtio_net") || !strcmp(dev->driver, "igb"))
		return "zero-copy needs Linux 6.13 or newer with virtio_net, 6.14 or newer with igb";
	return "the driver or this kernel does not support it";
}

int bind_say(int err, const struct device *dev, __u32 queue, __u16 bind_flags)
{
	if (err == -EBUSY)
		return say_error(
			err,
			"%s: RX queue %u has an AF_XDP socket already\n"
			"  end the program that has this socket, or bind another queue with --queue",
			dev->name, queue);
	if (bind_flags & XDP_ZEROCOPY)
		return say_error(err,
				 "%s: no zero-copy with driver %s: %s\n"
				 "  %s: use --copy, or leave out --zero-copy",
				 dev->name, dev->driver, strerror(-err),
				 zero_copy_reason(err, dev));
	return say_error(err, "%s: binding RX queue %u: %s", dev->name, queue,
			 strerror(-err));
}

/*
 * Return the size of a frame. With XDP_USE_SG a packet of any size fits,
 * because a packet may use several frames.
 */
static __u32 frame_size(const struct device *dev, __u16 bind_flags)
{
	return bind_flags & XDP_USE_SG ? 4096 : device_frame_size(dev);
}

/*
 * Try once to open a socket. libxdp finds the device by its name. If another
 * device has this name now, the socket may be on the wrong device, so return
 * -EBUSY to make the caller try again.
 */
static int open_by_index(struct umem *umem, struct xsk *xsk, int ifindex,
			 __u32 queue, __u16 bind_flags)
{
	char name[IF_NAMESIZE];
	int err;

	if (!if_indextoname((unsigned int)ifindex, name))
		return -ENODEV;
	err = xsk_open(xsk, umem, name, queue, bind_flags);
	return if_nametoindex(name) == (unsigned int)ifindex ? err : -EBUSY;
}

/*
 * Open a socket, and retry while the queue is busy. If @frames is not 0, also
 * open a new UMEM for each attempt. If @frames is 0, share the UMEM that is
 * already open.
 */
static int open_when_free(struct umem *umem, struct xsk *xsk,
			  const struct device *dev, __u32 queue, __u32 frames,
			  __u16 bind_flags)
{
	__u32 size = frame_size(dev, bind_flags);

	for (int i = 1;; i++) {
		int err = frames ? umem_open(umem, frames, size) : 0;

		if (!err)
			err = open_by_index(umem, xsk, dev->index, queue,
					    bind_flags);
		if (err != -EBUSY || i == TRIES)
			return err;
		xsk_close(xsk);
		if (frames)
			umem_close(umem);
		poll(NULL, 0, PAUSE_MS);
	}
}

int bind_queue(struct umem *umem, struct xsk *xsk, const struct device *dev,
	       __u32 queue, __u32 frames, __u16 bind_flags)
{
	int err = bind_flags & XDP_USE_SG ? 0 : bind_check_mtu(dev);

	if (err)
		return err;
	err = open_when_free(umem, xsk, dev, queue, frames, bind_flags);
	/*
	 * If the process reaches its limit of open files, libxdp closes some
	 * files and returns ENOENT. So if fewer than four files can be opened
	 * after an error, this limit is the likely cause.
	 */
	if (err && limits_lack_files(4))
		return limits_say_files(dev->sockets);
	if (err && !umem->handle)
		return bind_say_umem(
			err, dev, queue,
			frames * (frame_size(dev, bind_flags) / 1024));
	return err ? bind_say(err, dev, queue, bind_flags) : 0;
}

int bind_shared(struct umem *umem, struct xsk *xsk, const struct device *dev,
		__u32 queue, __u16 bind_flags)
{
	int err = open_when_free(umem, xsk, dev, queue, 0, 0);

	if (!err) {
		fill_refill(xsk);
		return 0;
	}
	if (limits_lack_files(4))
		return limits_say_files(dev->sockets);
	if (err == -EINVAL && !(bind_flags & XDP_ZEROCOPY))
		return say_error(
			err,
			"%s: sharing one UMEM with another device or queue: %s\n"
			"  sharing needs Linux 5.10 or newer",
			dev->name, strerror(-err));
	return bind_say(err, dev, queue, bind_flags);
}
