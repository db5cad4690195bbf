/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Wait for rare events: signals, the timer of the statistics, and changes of
 * devices. All events share one descriptor, so that poll() has fewer
 * descriptors to check.
 */
#ifndef EVENTS_H
#define EVENTS_H

#define EVENT_STOP   1 /* a signal came, or --duration is over */
#define EVENT_TICK   2 /* a report is due */
#define EVENT_DEVICE 4 /* a device has changed; see events_start() */

struct events {
	int fd; /* becomes readable when there is an event */
	int signal_fd, timer_fd;
};

#define EVENTS_INIT                                        \
	{                                                  \
		.fd = -1, .signal_fd = -1, .timer_fd = -1, \
	}

/*
 * events_open - block the signals that end the program, and open a descriptor
 * that reports them
 *
 * The signals are INT, TERM, HUP and ALRM. If SIGHUP is ignored (nohup), it
 * stays ignored. Call this before opening a device, so that none of these
 * signals ends the process during the rest of set-up.
 *
 * Return 0, or a negative errno after printing the reason. Call events_close()
 * in both cases.
 */
int events_open(struct events *events);

/*
 * events_start - watch @device_fd and start the timers, after set-up
 * @device_fd: becomes readable when a device has changed
 * @interval: seconds between two reports
 * @duration: seconds until the program must end; 0: no limit
 *
 * Return 0, or a negative errno after printing the reason.
 */
int events_start(struct events *events, int device_fd, double interval,
		 double duration);

/*
 * events_take - return the pending events
 *
 * An event counts once, even if it happened several times. Only EVENT_TICK is
 * cleared: EVENT_DEVICE stays pending until device_fd is read, and EVENT_STOP
 * until the end. Return a set of EVENT_* (0 if no event is pending), or a
 * negative errno after printing the reason.
 */
int events_take(struct events *events);

void events_close(struct events *events);

#endif /* EVENTS_H */
