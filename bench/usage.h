/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* CPU time used by a process, and by the machine's soft interrupts. */
#ifndef USAGE_H
#define USAGE_H

#include <linux/types.h>
#include <sys/types.h>

struct usage {
	double run_us;	   /* of all threads, on a CPU: exact */
	double user_us;	   /* by clock ticks: the shares of */
	double system_us;  /* run_us */
	double softirq_us; /* of the machine, by clock ticks */
};

/* usage_read - read the times; zero for those that cannot be read */
void usage_read(struct usage *usage, pid_t pid);

/*
 * usage_since - return the CPU time used between two readings
 *
 * user_us and system_us of the result add up to its run_us.
 */
struct usage usage_since(const struct usage *before, const struct usage *after);

#endif /* USAGE_H */
