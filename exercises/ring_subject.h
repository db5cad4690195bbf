/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * check_ring.c asks ring_subject.c to call a function, which answers with the
 * state of the ring after the call. See subject.h for the reason.
 */
#ifndef RING_SUBJECT_H
#define RING_SUBJECT_H

#include <linux/types.h>

enum ring_call {
	RING_OPEN, /* n entries, all indices at first */
	RING_RESERVE,
	RING_SUBMIT,
	RING_PEEK,
	RING_RELEASE,
	RING_ENTRY, /* number n */
};

struct ring_question {
	enum ring_call call;
	__u32 n;
	__u32 first;
};

struct ring_answer {
	__u32 returned;
	__u32 idx; /* RING_NO_IDX if it was not set */
	__u32 producer;
	__u32 consumer;
	long place;	/* RING_ENTRY's result, in bytes */
	int is_fault;	/* an access outside of the ring's memory */
	int is_written; /* entries were changed */
};

#endif /* RING_SUBJECT_H */
