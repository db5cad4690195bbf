// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 *	latency-model stages|clock
 *
 * Check lessons/latency.c with answers whose times are fixed. See model.h.
 */
#include "model_lesson.h"

#define main lessons_latency_main
#include "lessons/latency.c"
#undef main

const char *const say_program = "latency-model";
const char lesson_doc[] = "";

/* A stub of the set-up function, which no check calls. */
int latency_open(struct latency *latency, int argc, char **argv,
		 __u32 (*serve)(struct lesson *))
{
	(void)latency, (void)argc, (void)argv, (void)serve;
	return -1;
}

#define FRAME_SIZE 2048
#define ANSWERS	   3

static struct latency latency;
static struct kernel_rings rings;

/* Times in ascending order. The durations of the stages differ. */
static const struct times good = {
	.rx.entry = 1000, .received = 3000, .asked = 7000, .tx.sent = 15000
};
static const struct {
	const char *name;
	__u64 ns;
} wanted[STAGES] = {
	[TO_USER] = { "TO_USER, from entry to received", 2000 },
	[IN_USER] = { "IN_USER, from received to asked", 4000 },
	[TO_SENT] = { "TO_SENT, from asked to sent", 8000 },
	[WHOLE] = { "WHOLE, from entry to sent", 14000 },
};

static void start(void)
{
	latency = (struct latency){ .lesson.batch = 32 };
	model_memory(&latency.lesson.umem, FRAMES, FRAME_SIZE);
	model_socket(&rings, &latency.lesson.xsk, &latency.lesson.umem);
}

/*
 * Put @n answers with the times @times into COMPLETION, each in a frame of its
 * own, and call reclaim_timed().
 */
static void complete(const struct times *times, int n)
{
	while (n--) {
		__u64 addr = model_fill_take(&rings, &latency.lesson.umem);

		*times_of(&latency, addr) = *times;
		rings.completion[rings.producer[RING_COMPLETION]++ %
				 COMPLETION_SIZE] = addr;
	}
	reclaim_timed(&latency);
}

/*
 * Check that each stage has @n durations, that its longest duration is right,
 * that COMPLETION is empty, and that no frame is lost. Return 0, or print the
 * mistake and return 1.
 */
static int check_stages(__u64 n)
{
	for (int i = 0; i < STAGES; i++) {
		const struct histogram *stage = &latency.stage[i];

		if (stage->total != n)
			return wrong(
				"each answer is counted once in each stage's histogram",
				"reclaim_timed() calls add_times() for each entry of COMPLETION, and add_times() calls histogram_add() for each stage.",
				"%llu of %llu answers are in stage %s",
				stage->total, n, wanted[i].name);
		if (stage->most != wanted[i].ns)
			return wrong(
				"each stage is the difference of the right two times",
				"The times in this check are entry 1000, received 3000, asked 7000, sent 15000.",
				"stage %s: %llu ns, not %llu", wanted[i].name,
				stage->most, wanted[i].ns);
	}
	if (model_in(&rings, RING_COMPLETION))
		return wrong(
			"reclaim_timed() releases all entries of COMPLETION",
			"xsk_ring_cons__release() must give back as many entries as you have peeked at.",
			"%u entries are left",
			model_in(&rings, RING_COMPLETION));
	return model_frames(&latency.lesson.umem, &rings, 1);
}

static int stages(void)
{
	start();
	complete(&good, ANSWERS);
	if (latency.untimed)
		return wrong(
			"answers are counted if their times are in ascending order",
			"Count an answer as untimed only if a moment is earlier than the one before it.",
			"%llu of %d answers are untimed", latency.untimed,
			ANSWERS);
	return check_stages(ANSWERS);
}

/*
 * Check answers in which one time is earlier than the time before it, as if
 * the clock had been set back.
 */
static int clock_set(void)
{
	struct times received = good, asked = good, sent = good;
	__u64 untimed;

	received.received = good.rx.entry - 1;
	asked.asked = good.received - 1;
	sent.tx.sent = good.asked - 1;
	start();
	complete(&good, ANSWERS);
	complete(&received, 1);
	complete(&asked, 1);
	complete(&sent, 1);
	untimed = latency.untimed;
	if (untimed != 3)
		return wrong(
			"received before entry, asked before received, sent before asked: these 3 answers are counted as untimed",
			"Compare each moment with the one before it. A difference of unsigned numbers is never negative: it is huge.",
			"%llu are counted as untimed", untimed);
	for (int i = 0; i < STAGES; i++)
		if (latency.stage[i].total != ANSWERS)
			return wrong(
				"an untimed answer is in no histogram",
				"Return from add_times() after counting the answer in latency->untimed.",
				"%llu durations, not %d, in stage %s",
				latency.stage[i].total, ANSWERS,
				wanted[i].name);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "stages"))
		return stages();
	if (argc == 2 && !strcmp(argv[1], "clock"))
		return clock_set();
	return MODEL_UNABLE;
}
