/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Checks of the learner's ring.h and udp_echo.h: see check.c. Return 0 if the
 * code passes. Otherwise print the reason, and return 1.
 */
#ifndef CHECK_H
#define CHECK_H

/* check_ring.c */
int check_ring(void);
int check_ring_limits(void);
int check_ring_wrap(void);

/* check_udp.c */
int check_udp(void);
int check_udp_truncated(void);
int check_udp_mute(void);
int check_udp_checksum(void);

#endif /* CHECK_H */
