// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <linux/types.h>

#include "common/events.h"
#include "common/say.h"

#define SOURCES 3

static int add_source(struct events *events, int fd, __u32 event)
{
	struct epoll_event source = { .events = EPOLLIN, .data.u32 = event };

	return epoll_ctl(events->fd, EPOLL_CTL_ADD, fd, &source) ? -errno : 0;
}

static bool signal_is_ignored(int signal)
{
	struct sigaction action;

	return !sigaction(signal, NULL, &action) &&
	       action.sa_handler == SIG_IGN;
}

static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (!signal_is_ignored(SIGHUP))
		sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGALRM);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN); /* write() returns EPIPE instead */
	signal(SIGXFSZ, SIG_IGN); /* write() returns EFBIG instead */
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int add_signals(struct events *events)
{
	int fd = block_signals();

	if (fd < 0)
		return -errno;
	events->signal_fd = fd;
	return add_source(events, fd, EVENT_STOP);
}

int events_open(struct events *events)
{
	int err;

	*events = (struct events)EVENTS_INIT;
	events->fd = epoll_create1(EPOLL_CLOEXEC);
	err = events->fd < 0 ? -errno : add_signals(events);
	return err ? say_error(err, "signals, epoll: %s", strerror(-err)) : 0;
}

static int start_timer(struct events *events, double seconds)
{
	struct itimerspec interval = { 0 };

	interval.it_value.tv_sec = (time_t)seconds;
	interval.it_value.tv_nsec =
		(long)((seconds - (double)interval.it_value.tv_sec) * 1e9);
	interval.it_interval = interval.it_value;
	events->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (events->timer_fd < 0 ||
	    timerfd_settime(events->timer_fd, 0, &interval, NULL))
		return -errno;
	return add_source(events, events->timer_fd, EVENT_TICK);
}

/*
 * Send SIGALRM after the duration. The descriptor that reports the other
 * signals reports this signal, too.
 */
static int start_alarm(double seconds)
{
	struct itimerval alarm = { 0 };

	alarm.it_value.tv_sec = (time_t)seconds;
	alarm.it_value.tv_usec =
		(suseconds_t)((seconds - (double)alarm.it_value.tv_sec) * 1e6);
	return setitimer(ITIMER_REAL, &alarm, NULL) ? -errno : 0;
}

int events_start(struct events *events, int device_fd, double interval,
		 double duration)
{
	int err = add_source(events, device_fd, EVENT_DEVICE);

	if (!err)
		err = start_timer(events, interval);
	if (!err)
		err = start_alarm(duration);
	return err ? say_error(err, "timer: %s", strerror(-err)) : 0;
}

int events_take(struct events *events)
{
	struct epoll_event ready[SOURCES];
	int n = epoll_wait(events->fd, ready, SOURCES, 0), taken = 0;
	__u64 ticks;

	if (n < 0)
		return say_error(-errno, "epoll: %s", strerror(errno));
	for (int i = 0; i < n; i++)
		taken |= (int)ready[i].data.u32;
	if (taken & EVENT_TICK &&
	    read(events->timer_fd, &ticks, sizeof(ticks)) <= 0)
		taken &= ~EVENT_TICK;
	return taken;
}

void events_close(struct events *events)
{
	close(events->fd);
	close(events->timer_fd);
	close(events->signal_fd);
}
