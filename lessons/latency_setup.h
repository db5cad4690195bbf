/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The set-up of lessons/latency.c, and its report. */
#ifndef LATENCY_SETUP_H
#define LATENCY_SETUP_H

#include "lessons/histogram.h"
#include "lessons/latency.h"
#include "lessons/lesson.h"

/* Parts of an answer's time, from one moment to the next one. */
enum stage {
	TO_USER, /* XDP program began -> user space found the packet in RX */
	IN_USER, /* packet found in RX -> answer put into TX */
	TO_SENT, /* answer put into TX -> kernel has sent it */
	WHOLE,	 /* the sum of these three */
	STAGES,
};

struct latency {
	struct lesson lesson; /* first: serve() casts its argument to latency */
	struct histogram stage[STAGES];
	struct histogram to_xdp; /* arrival at device -> XDP program began */
	__u64 hashes;		 /* packets with an RX hash */
	__u32 last_hash;
	__u64 untimed; /* answers whose times are not in order */
};

/*
 * latency_open - check kernel and device, bind the socket, attach the program
 * @serve: see struct lesson
 *
 * Return 0, or a negative errno after printing the reason. Call lesson_close()
 * in both cases.
 */
int latency_open(struct latency *latency, int argc, char **argv,
		 __u32 (*serve)(struct lesson *));

/*
 * latency_print - print the stages' quantiles, and in the last report of the
 * program also their histograms
 * @json: print a JSON object in one line, with histograms in each report
 * @context: the struct latency
 */
void latency_print(FILE *out, bool json, const void *context);

#endif /* LATENCY_SETUP_H */
