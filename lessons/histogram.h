/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A histogram of durations. Below 32 ns each duration has a bucket of its own.
 * From 32 ns on, each range from a power of two to the next has 32 buckets, so
 * the width of a bucket is at most 1/32 of its lower end. Adding a duration
 * allocates no memory and sorts nothing.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <linux/types.h>

#define HISTOGRAM_STEPS	  32		     /* buckets from 2^n to 2^(n+1) */
#define HISTOGRAM_MAX	  ((1ULL << 32) - 1) /* ns; longer times count as it */
#define HISTOGRAM_BUCKETS (28 * HISTOGRAM_STEPS)

struct histogram {
	__u64 total; /* number of durations */
	__u64 most;  /* the longest duration */
	__u64 count[HISTOGRAM_BUCKETS];
};

/* histogram_add - count a duration of @ns nanoseconds */
void histogram_add(struct histogram *histogram, __u64 ns);

/*
 * histogram_quantile - return a quantile of the durations
 * @part: 0 to 1; 0.5 returns the median
 *
 * Return the upper end of the quantile's bucket, but at most the longest
 * duration. Return 0 if the histogram is empty.
 */
__u64 histogram_quantile(const struct histogram *histogram, double part);

/* histogram_from - return the shortest duration of a bucket */
__u64 histogram_from(__u32 bucket);

/* histogram_to - return the shortest duration of the next bucket */
__u64 histogram_to(__u32 bucket);

/*
 * histogram_between - count durations of at least @from and less than @to
 * @from, @to: each 0, or a power of two from 32 on, so that no bucket is split
 */
__u64 histogram_between(const struct histogram *histogram, __u64 from,
			__u64 to);

#endif /* HISTOGRAM_H */
