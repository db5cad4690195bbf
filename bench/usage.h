/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a process, and the machine's soft interrupts, have cost so far.
 */
#ifndef USAGE_H
#define USAGE_H

#include <linux/types.h>
#include <sys/types.h>

struct usage {
	double run_us;	   /* of all threads, on a CPU: exact */
	double user_us;	   /* counted by clock ticks: they say how run_us is */
	double system_us;  /* to be divided */
	double softirq_us; /* of the machine, by clock ticks */
};

/* usage_read - now; zero for what cannot be read, as of a process 0 */
void usage_read(struct usage *usage, pid_t pid);

/*
 * usage_since - what has been used between two readings
 *
 * user_us and system_us of the result add up to its run_us.
 */
struct usage usage_since(const struct usage *before, const struct usage *after);

#endif /* USAGE_H */
