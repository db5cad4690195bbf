/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Open a UMEM and a socket on an RX queue, and retry while the queue is busy.
 * If the kernel refuses one of them, print the cause and a remedy.
 */
#ifndef BIND_H
#define BIND_H

#include <linux/types.h>

struct device;
struct umem;
struct xsk;

/*
 * bind_queue - open a UMEM, and a socket on an RX queue of the device
 * @umem, @xsk: zeroed, or closed
 * @frames: number of frames in the UMEM; a frame has 4,096 bytes if @bind_flags
 * 	has XDP_USE_SG, or else the size that device_frame_size() returns
 * @bind_flags: as for xsk_open(); lessons/jumbo.c adds XDP_USE_SG
 *
 * The kernel frees a queue only some time after its last socket is closed. So
 * if the queue is busy, this function retries for about a second.
 *
 * Return 0, or a negative errno after printing the reason. Call xsk_close() and
 * then umem_close() in both cases.
 */
int bind_queue(struct umem *umem, struct xsk *xsk, const struct device *dev,
	       __u32 queue, __u32 frames, __u16 bind_flags);

/*
 * bind_shared - open another socket on a UMEM that bind_queue() opened
 * @xsk: zeroed, or closed
 *
 * Since Linux 5.10, sockets on different queues and devices can share a UMEM.
 * All these sockets use the mode of the UMEM's first socket, so @bind_flags
 * affects only the error message.
 *
 * Return 0, or a negative errno after printing the reason. Call xsk_close() in
 * both cases.
 */
int bind_shared(struct umem *umem, struct xsk *xsk, const struct device *dev,
		__u32 queue, __u16 bind_flags);

/* bind_check_mtu - check that the device's packets fit into a frame */
int bind_check_mtu(const struct device *dev);

/*
 * bind_check_memory - check that the process may lock the memory of all UMEMs
 * @kbytes: size of one UMEM
 *
 * Like bind_check_mtu(), return 0, or a negative errno after printing the
 * reason.
 */
int bind_check_memory(const struct device *dev, __u32 kbytes);

/*
 * bind_say_umem - print why the kernel refused the memory of a UMEM
 * @kbytes: size of this UMEM
 *
 * bind_say - print why the kernel refused to bind a socket
 *
 * bind_say_umem() and bind_say() return @err, a negative errno.
 */
int bind_say_umem(int err, const struct device *dev, __u32 queue, __u32 kbytes);
int bind_say(int err, const struct device *dev, __u32 queue, __u16 bind_flags);

#endif /* BIND_H */
