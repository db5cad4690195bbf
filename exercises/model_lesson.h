/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Include this file to check a lesson with one socket, such as lessons/jumbo.c.
 * lessons/lesson.h declares the functions below; model.h explains the checks.
 */
#ifndef MODEL_LESSON_H
#define MODEL_LESSON_H

#include "lessons/lesson.h"
#include "model.h"

/* Stubs of functions that only main() calls. No check calls main(). */
int lesson_run(struct lesson *lesson)
{
	(void)lesson;
	return -1;
}

int lesson_stop(struct lesson *lesson, int err)
{
	(void)lesson;
	return err;
}

void lesson_close(struct lesson *lesson)
{
	(void)lesson;
}

#endif /* MODEL_LESSON_H */
