// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Call the learner's ring functions.
 *
 *	ring-subject        make each call that check_ring.c, the judge, sends
 *	ring-threads prod   two threads: the learner's producer, our consumer
 *	ring-threads cons   two threads: our producer, the learner's consumer
 *
 * ring-threads is built with the thread sanitizer. The sanitizer records which
 * accesses are ordered by acquire and release. So it reports accesses without
 * an order even on x86, although an x86 CPU would not reorder these accesses.
 * Only one thread runs the learner's code, so a mistake is in this thread's two
 * functions: reserve and submit, or peek and release.
 *
 * Exit status of ring-threads: 0 if the consumer read all entries; 1 if it read
 * a wrong entry, with the reason on stdout; 2 if the threads cannot start; 66
 * for a data race. If SIGPROF ends ring-threads after SECONDS of CPU time,
 * build/jail exits with status 155.
 */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "headers/ring.h"
#include "ring_subject.h"
#include "subject.h"

#define PAINT 0xa5
#define UNSET 0xdeadbeefU

/* --- one call for each question of the judge ------------------------------ */

#ifndef THREADS
#include <sanitizer/asan_interface.h>

static struct ring ring;
static struct ring_prod prod;
static struct ring_cons cons;

static void put(const struct ring_answer *a)
{
	if (write(SUBJECT_ANSWERS, a, sizeof(*a)) != sizeof(*a))
		_exit(1);
}

/* The address sanitizer calls this function before it ends the process. */
void __asan_on_error(void)
{
	put(&(struct ring_answer){ .is_fault = true });
}

static void open_ring(__u32 size, __u32 first)
{
	free(ring.entries);
	ring = (struct ring){
		.producer = first,
		.consumer = first,
		.size = size,
		.entries = malloc(size * sizeof(__u64)),
	};
	if (!ring.entries)
		_exit(1);
	memset(ring.entries, PAINT, size * sizeof(__u64));
	prod = (struct ring_prod){ &ring, first };
	cons = (struct ring_cons){ &ring, first };
}

static bool is_written(void)
{
	const unsigned char *byte = (const unsigned char *)ring.entries;

	for (size_t i = 0; i < ring.size * sizeof(__u64); i++)
		if (byte[i] != PAINT)
			return true;
	return false;
}

static struct ring_answer call(const struct ring_question *q)
{
	struct ring_answer a = { .idx = UNSET };

	switch (q->call) {
	case RING_OPEN:
		open_ring(q->n, q->first);
		break;
	case RING_RESERVE:
		a.returned = ring_reserve(&prod, q->n, &a.idx);
		break;
	case RING_SUBMIT:
		ring_submit(&prod, q->n);
		break;
	case RING_PEEK:
		a.returned = ring_peek(&cons, q->n, &a.idx);
		break;
	case RING_RELEASE:
		ring_release(&cons, q->n);
		break;
	case RING_ENTRY:
		a.place =
			(char *)ring_entry(&ring, q->n) - (char *)ring.entries;
		break;
	}
	a.producer = ring.producer;
	a.consumer = ring.consumer;
	a.is_written = is_written();
	return a;
}

int main(void)
{
	struct ring_question q;

	while (read(STDIN_FILENO, &q, sizeof(q)) == sizeof(q)) {
		struct ring_answer a = call(&q);

		put(&a);
	}
	return 0;
}

#else /* THREADS */

/* --- two threads ---------------------------------------------------------- */

#define SIZE	8 /* entries in the ring; few, so each is soon reused */
#define ENTRIES 50000U
#define SECONDS 10 /* limit of CPU time; other programs do not count */

static __u64 entries[SIZE];
static struct ring ring = { .size = SIZE, .entries = entries };

/* Our functions, for the thread that does not run the learner's code. */
static __u32 our_reserve(struct ring_prod *prod, __u32 n, __u32 *idx)
{
	__u32 used = prod->reserved - ring.consumer;

	if (n > SIZE - used)
		return 0;
	*idx = prod->reserved;
	prod->reserved += n;
	return n;
}

static void our_submit(struct ring_prod *prod, __u32 n)
{
	(void)prod;
	ring.producer += n;
}

static __u32 our_peek(struct ring_cons *cons, __u32 n, __u32 *idx)
{
	__u32 there = ring.producer - cons->peeked;

	if (n > there)
		n = there;
	*idx = cons->peeked;
	cons->peeked += n;
	return n;
}

static void our_release(struct ring_cons *cons, __u32 n)
{
	(void)cons;
	ring.consumer += n;
}

static struct {
	__u32 (*reserve)(struct ring_prod *, __u32, __u32 *);
	void (*submit)(struct ring_prod *, __u32);
	__u32 (*peek)(struct ring_cons *, __u32, __u32 *);
	void (*release)(struct ring_cons *, __u32);
} use = { our_reserve, our_submit, our_peek, our_release };

/*
 * The next two functions are not inlined, so that the sanitizer's reports name
 * them.
 */
static __attribute__((noinline)) void write_entry(__u32 idx, __u64 value)
{
	entries[idx % SIZE] = value;
}

static __attribute__((noinline)) __u64 read_entry(__u32 idx)
{
	return entries[idx % SIZE];
}

static void *produce(void *unused)
{
	struct ring_prod prod = { .ring = &ring };
	__u32 idx;

	for (__u32 sent = 0, n; sent < ENTRIES; sent += n) {
		n = 1 + sent % 3;
		if (n > ENTRIES - sent)
			n = ENTRIES - sent;
		while (use.reserve(&prod, n, &idx) != n)
			sched_yield();
		for (__u32 i = 0; i < n; i++)
			write_entry(idx + i, sent + i);
		use.submit(&prod, n);
	}
	return unused;
}

static void *consume(void *unused)
{
	struct ring_cons cons = { .ring = &ring };
	__u32 idx = 0;

	for (__u32 came = 0, n; came < ENTRIES; came += n) {
		while (!(n = use.peek(&cons, SIZE, &idx)))
			sched_yield();
		for (__u32 i = 0; i < n; i++) {
			__u64 value = read_entry(idx + i);

			if (value == came + i)
				continue;
			printf("expected: entry %u carries %u\ncame:     %llu\n",
			       came + i, came + i, value);
			fflush(stdout);
			_exit(1);
		}
		use.release(&cons, n);
	}
	return unused;
}

int main(int argc, char **argv)
{
	const struct itimerval limit = { .it_value.tv_sec = SECONDS };
	pthread_t producer, consumer;

	if (argc == 2 && !strcmp(argv[1], "prod")) {
		use.reserve = ring_reserve;
		use.submit = ring_submit;
	} else if (argc == 2 && !strcmp(argv[1], "cons")) {
		use.peek = ring_peek;
		use.release = ring_release;
	} else {
		return 2;
	}
	if (setitimer(ITIMER_PROF, &limit, NULL) ||
	    pthread_create(&producer, NULL, produce, NULL) ||
	    pthread_create(&consumer, NULL, consume, NULL))
		return 2;
	pthread_join(producer, NULL);
	pthread_join(consumer, NULL);
	puts("all entries came through");
	return 0;
}
#endif		   /* THREADS */
