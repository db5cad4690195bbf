/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A histogram of durations. Each power of two has 32 buckets, so the width of a
 * bucket is at most 1/32 of its lower end. Durations below 32 ns have a bucket
 * each. Adding a value neither allocates nor sorts.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <linux/types.h>

#define HISTOGRAM_STEPS	  32		     /* buckets of a power of two */
#define HISTOGRAM_MAX	  ((1ULL << 32) - 1) /* longer durations are capped */
#define HISTOGRAM_BUCKETS (28 * HISTOGRAM_STEPS)

struct histogram {
	__u64 total;
	__u64 most; /* the longest duration */
	__u64 count[HISTOGRAM_BUCKETS];
};

/* histogram_add - count a duration of @ns nanoseconds */
void histogram_add(struct histogram *histogram, __u64 ns);

/*
 * histogram_quantile - return a quantile of the durations
 * @part: 0 to 1; 0.5 returns the median
 *
 * The result is the upper end of a bucket, or the longest duration. It is 0 if
 * nothing was counted.
 */
__u64 histogram_quantile(const struct histogram *histogram, double part);

/* histogram_from - return the shortest duration of a bucket */
__u64 histogram_from(__u32 bucket);

/* histogram_to - return the shortest duration of the next bucket */
__u64 histogram_to(__u32 bucket);

/*
 * histogram_between - count durations of at least @from and less than @to
 * @from, @to: powers of two of at least 32, or 0
 */
__u64 histogram_between(const struct histogram *histogram, __u64 from,
			__u64 to);

#endif /* HISTOGRAM_H */
