/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * There are two processes: the judge (check.c or check_udp.c), and the subject
 * (subject.c), which runs the learner's code. They share only pipes, so the
 * learner's code cannot change a verdict. The judge writes a packet's length,
 * then the packet. The subject answers with a struct subject_answer, and then
 * with the packet as the code left it. The packet's length does not change.
 * After SUBJECT_FAULT no packet follows, because the process ends.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#define SUBJECT_ANSWERS 3 /* the subject's descriptor for its answers */

/* The device's MAC address, for udp_echo_reply(). */
#define SUBJECT_MAC                    \
	{                              \
		2, 0xca, 0xfe, 0, 1, 1 \
	}

enum subject_kind {
	SUBJECT_RETURNED = 1,
	SUBJECT_NO_REQUEST, /* returned length too small, or *request not set */
	SUBJECT_TOUCHED,    /* icmp6_echo_find() changed the packet */
	SUBJECT_FAULT,	    /* the code made an access outside the packet */
};

struct subject_answer {
	int kind;
	int returned;
	/* the access, if kind is SUBJECT_FAULT */
	int is_write;
	int size;
	long offset;
};

#endif /* SUBJECT_H */
