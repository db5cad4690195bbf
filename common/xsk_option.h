/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Read and set options of an AF_XDP socket, whose descriptor is @fd.
 */
#ifndef XSK_OPTION_H
#define XSK_OPTION_H

#include <stdbool.h>
#include <linux/if_xdp.h>
#include <linux/types.h>

/* xsk_option_is_zero_copy - return true if the kernel chose zero-copy mode */
bool xsk_option_is_zero_copy(int fd);

/*
 * xsk_option_tx_budget - let one system call send up to @packets packets of TX
 *
 * The budget applies only in copy mode, and needs kernel 6.17. Return false on
 * older kernels, where a call sends at most 32 packets (TX_BATCH_SIZE in the
 * kernel's net/xdp/xsk.c).
 */
bool xsk_option_tx_budget(int fd, __u32 packets);

/*
 * xsk_option_busy_poll - switch busy polling on or off
 *
 * While busy polling is on, recvfrom() runs the driver's receive path, which
 * otherwise runs after interrupts.
 *
 * The device holds back its interrupts only if its napi_defer_hard_irqs and
 * gro_flush_timeout are set. Both are 0 by default.
 *
 * Return true if busy polling is on now. If the kernel accepts only some of the
 * three options for busy polling (before Linux 5.11, or without CAP_NET_ADMIN),
 * undo them all.
 */
bool xsk_option_busy_poll(int fd, bool on);

/*
 * xsk_option_is_unbound - return true if the kernel has unbound the socket
 *
 * That happens when the device leaves this network namespace, and is permanent
 * even if the device returns.
 */
bool xsk_option_is_unbound(int fd);

/*
 * xsk_option_statistics - read XDP_STATISTICS; old kernels fill in fewer
 * members
 */
void xsk_option_statistics(int fd, struct xdp_statistics *statistics);

#endif /* XSK_OPTION_H */
