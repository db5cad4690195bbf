/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Examine a socket for a report: count its frames, and check the checksum of
 * the last answer. Checking one answer per report costs little.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <linux/types.h>

struct stats;
struct xsk;

/* sample_take - set the members frames, places and bad_checksum */
void sample_take(struct stats *stats, const struct xsk *xsk);

/*
 * sample_is_wrong - return true if a packet is an ICMPv6 echo reply whose
 * checksum is wrong
 */
bool sample_is_wrong(const void *packet, __u32 len);

#endif /* SAMPLE_H */
