/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The judge's side of the pipes to a subject. A subject is a process that runs
 * the learner's code in a jail. If the code hangs, crashes or ends the process,
 * the functions below print the reason and exit with status 1. If the jail
 * cannot start the subject, they exit with status 2.
 */
#ifndef TALK_H
#define TALK_H

#include <stddef.h>

/* Start a subject. @function: name of the learner's function, for messages */
void subject_start(const char *program, const char *function);

void subject_give(const void *bytes, size_t size);
void subject_take(void *bytes, size_t size);

#endif /* TALK_H */
