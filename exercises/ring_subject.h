/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * check_ring.c asks ring_subject.c to call a function. ring_subject.c answers
 * with the result, and with the state of the ring after the call. subject.h
 * explains why these are two processes.
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
	long place;	/* RING_ENTRY: bytes from the first entry */
	int is_fault;	/* an access outside of the ring's memory */
	int is_written; /* entries were changed */
};

#endif /* RING_SUBJECT_H */
