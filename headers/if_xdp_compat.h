/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Constants for AF_XDP that the headers of some distributions lack. The running
 * kernel may not support them, although they are defined here.
 */
#ifndef IF_XDP_COMPAT_H
#define IF_XDP_COMPAT_H

#include <linux/if_xdp.h>
#include <sys/socket.h>

#ifndef SOL_XDP /* kernel 4.18, glibc 2.28 */
#define SOL_XDP 283
#endif

#ifndef XDP_MAX_TX_SKB_BUDGET /* kernel 6.17 */
#define XDP_MAX_TX_SKB_BUDGET 9
#endif

#ifndef XDP_USE_SG /* kernel 6.6: a packet may be in several frames */
#define XDP_USE_SG (1 << 4)
#endif
#ifndef XDP_PKT_CONTD /* kernel 6.6: the packet continues in the next entry */
#define XDP_PKT_CONTD (1 << 0)
#endif

#ifndef XDP_TX_METADATA /* kernel 6.8: metadata precedes the packet */
#define XDP_TX_METADATA		 (1 << 1)
#define XDP_TXMD_FLAGS_TIMESTAMP (1 << 0)
#endif
#ifndef XDP_UMEM_TX_METADATA_LEN /* kernel 6.11, backported to 6.10 */
#define XDP_UMEM_TX_METADATA_LEN (1 << 2)
#endif

#ifndef SO_PREFER_BUSY_POLL /* kernel 5.11 */
#define SO_PREFER_BUSY_POLL 69
#endif
#ifndef SO_BUSY_POLL_BUDGET /* kernel 5.11 */
#define SO_BUSY_POLL_BUDGET 70
#endif

#endif /* IF_XDP_COMPAT_H */
