/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * For --doctor, predict whether the program would start on a device and in
 * which modes, without attaching anything.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

struct device;
struct options;

/*
 * doctor_examine - print facts about the device on stdout, one on each line,
 * and an error message on stderr for each obstacle
 *
 * The last line on stdout is the prediction. Return 0, or a negative errno if
 * the program would not start.
 */
int doctor_examine(const struct options *opts, struct device *dev);

#endif /* DOCTOR_H */
