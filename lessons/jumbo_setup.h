/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The set-up of lessons/jumbo.c, with checks of kernel and driver. */
#ifndef JUMBO_SETUP_H
#define JUMBO_SETUP_H

struct lesson;

/*
 * jumbo_open - check kernel and device, bind the socket, attach the program
 *
 * Return 0, or a negative errno after printing the reason. Call lesson_close()
 * in both cases.
 */
int jumbo_open(struct lesson *lesson, int argc, char **argv);

#endif /* JUMBO_SETUP_H */
