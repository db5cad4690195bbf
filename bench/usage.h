/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Measure the CPU time of a process, and of the machine's soft interrupts. */
#ifndef USAGE_H
#define USAGE_H

#include <linux/types.h>
#include <sys/types.h>

struct usage {
	double run_us;	/* run time of all threads, counted by the scheduler */
	double user_us; /* in user mode, estimated by clock ticks */
	double system_us;  /* in the kernel, estimated by clock ticks */
	double softirq_us; /* on all CPUs, estimated by clock ticks */
};

/*
 * usage_read - read the CPU times of process @pid and of all soft interrupts
 *
 * If @pid is 0, read only softirq_us. A time that is not read is 0.
 */
void usage_read(struct usage *usage, pid_t pid);

/*
 * usage_since - return the CPU time used between two readings
 *
 * user_us and system_us of the result are scaled, so that they add up to
 * run_us.
 */
struct usage usage_since(const struct usage *before, const struct usage *after);

#endif /* USAGE_H */
