// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "lessons/histogram.h"

#define STEP_BITS 5 /* HISTOGRAM_STEPS is 2 to the power of 5 */

/*
 * Return a duration's bucket. Below 32, the bucket's number is the duration.
 * For a longer duration, the highest bit selects a group of 32 buckets, and the
 * next five bits select a bucket of this group.
 */
static __u32 bucket_of(__u64 ns)
{
	__u32 shift;

	if (ns < HISTOGRAM_STEPS)
		return (__u32)ns;
	shift = 63 - (__u32)__builtin_clzll(ns) - STEP_BITS;
	return shift * HISTOGRAM_STEPS + (__u32)(ns >> shift);
}

__u64 histogram_from(__u32 bucket)
{
	__u32 shift = bucket / HISTOGRAM_STEPS;

	if (!shift)
		return bucket;
	shift--;
	return (__u64)(HISTOGRAM_STEPS + bucket % HISTOGRAM_STEPS) << shift;
}

__u64 histogram_to(__u32 bucket)
{
	return histogram_from(bucket + 1);
}

void histogram_add(struct histogram *histogram, __u64 ns)
{
	if (ns > HISTOGRAM_MAX)
		ns = HISTOGRAM_MAX;
	if (ns > histogram->most)
		histogram->most = ns;
	histogram->count[bucket_of(ns)]++;
	histogram->total++;
}

__u64 histogram_quantile(const struct histogram *histogram, double part)
{
	double exact = part * (double)histogram->total;
	__u64 rank = (__u64)exact, below = 0;

	rank += (double)rank < exact; /* round up, without libm */
	for (__u32 i = 0; i < HISTOGRAM_BUCKETS; i++) {
		below += histogram->count[i];
		if (below >= rank && below)
			return histogram_to(i) - 1 < histogram->most
				       ? histogram_to(i) - 1
				       : histogram->most;
	}
	return 0;
}

__u64 histogram_between(const struct histogram *histogram, __u64 from, __u64 to)
{
	__u32 end = to > HISTOGRAM_MAX ? HISTOGRAM_BUCKETS : bucket_of(to);
	__u64 n = 0;

	for (__u32 i = bucket_of(from); i < end; i++)
		n += histogram->count[i];
	return n;
}
