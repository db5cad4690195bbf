/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * check_ring.c asks ring_subject.c to call one of the learner's ring functions.
 * ring_subject.c answers with the result, and with the ring's state after the
 * call. subject.h explains why two processes are needed.
 */
#ifndef RING_SUBJECT_H
#define RING_SUBJECT_H

#include <linux/types.h>

enum ring_call {
	RING_OPEN, /* n: number of entries; first: start value of all indices */
	RING_RESERVE,
	RING_SUBMIT,
	RING_PEEK,
	RING_RELEASE,
	RING_ENTRY, /* n: the entry's index */
};

struct ring_question {
	enum ring_call call;
	__u32 n;
	__u32 first;
};

struct ring_answer {
	__u32 returned;
	__u32 idx; /* set if the function returned entries */
	__u32 producer;
	__u32 consumer;
	long place;   /* RING_ENTRY: distance from the first entry, in bytes */
	int is_fault; /* the call made an access outside the ring's memory */
	int is_written; /* entries have changed since RING_OPEN */
};

#endif /* RING_SUBJECT_H */
