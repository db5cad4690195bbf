// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Measure round trips of pings in nanoseconds. ping prints microseconds, which
 * is too coarse here, because some round trips take only four microseconds.
 *
 *	rtt INTERVAL PINGS NETNS ADDRESS [NETNS ADDRESS]...
 *
 * Send PINGS echo requests as ping(8) does, with 56 bytes of data, to each
 * ADDRESS. Each NETNS is a name of ip-netns(8): the ADDRESS after it is pinged
 * from that network namespace. Send a request every INTERVAL milliseconds. Ping
 * several addresses in turn, so that a slow phase of the machine affects all of
 * them alike. Print a line for each answer:
 *
 *	ADDRESS'S-NUMBER NANOSECONDS
 *
 * The time runs from the call that sends until the sender's kernel has received
 * the answer. ping measures the same time, which does not include the sender's
 * wake-up.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TARGETS	  16 /* maximum number of pairs NETNS ADDRESS */
#define NS	  1000000000LL
#define SPIN_NS	  (2 * NS / 1000) /* spin during pauses up to this length */
#define ANSWER_MS 1000		  /* longest wait for an answer */

static void die(const char *what)
{
	fprintf(stderr, "rtt: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME,
		      &t); /* the clock of the kernel's time stamps */
	return t.tv_sec * NS + t.tv_nsec;
}

static void enter(const char *netns)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

/* Open a socket that receives only answers, each with its time of arrival. */
static int open_target(const char *netns, const char *address)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };
	struct icmp6_filter filter;
	const int on = 1;
	int fd;

	enter(netns);
	if (inet_pton(AF_INET6, address, &to.sin6_addr) != 1)
		die(address);
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
	fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMPV6);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter,
		       sizeof(filter)) ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)))
		die(address);
	return fd;
}

static long long received_ns(struct msghdr *message)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	struct timespec t;

	if (!c || c->cmsg_type != SO_TIMESTAMPNS)
		die("no time stamp");
	memcpy(&t, CMSG_DATA(c), sizeof(t));
	return t.tv_sec * NS + t.tv_nsec;
}

/*
 * Return the time when the answer to request @sequence came, or 0 if it has not
 * come. Ignore late answers to other requests.
 */
static long long take_answer(int fd, int sequence)
{
	struct icmp6_hdr answer;
	char control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec data = { &answer, sizeof(answer) };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	if (recvmsg(fd, &message, MSG_TRUNC) < (ssize_t)sizeof(answer) ||
	    answer.icmp6_seq != htons((uint16_t)sequence))
		return 0;
	return received_ns(&message);
}

/* Ping once. Return the round trip in nanoseconds, or 0 without an answer. */
static long long ping(int fd, int sequence, int sleep)
{
	struct {
		struct icmp6_hdr header;
		char data[56];
	} request = {
		.header.icmp6_type = ICMP6_ECHO_REQUEST,
		.header.icmp6_seq = htons((uint16_t)sequence),
	};
	struct pollfd answered = { .fd = fd, .events = POLLIN };
	long long sent = now_ns(), came = 0;

	if (send(fd, &request, sizeof(request), 0) < 0)
		die("send");
	while (!came && now_ns() < sent + ANSWER_MS * (NS / 1000)) {
		if (sleep)
			poll(&answered, 1, ANSWER_MS);
		came = take_answer(fd, sequence);
	}
	return came ? came - sent : 0;
}

static void wait_until(long long at)
{
	long long left = at - now_ns();

	if (left > SPIN_NS)
		nanosleep(&(struct timespec){ left / NS, left % NS }, NULL);
	while (now_ns() < at)
		;
}

int main(int argc, char **argv)
{
	int fds[TARGETS], targets = (argc - 3) / 2, pings;
	long long interval, next;

	if (argc < 5 || argc % 2 == 0 || targets > TARGETS) {
		fputs("usage: rtt INTERVAL PINGS NETNS ADDRESS [NETNS ADDRESS]...\n",
		      stderr);
		return 2;
	}
	interval = (long long)(strtod(argv[1], NULL) * 1e6);
	pings = atoi(argv[2]) * targets;
	for (int i = 0; i < targets; i++)
		fds[i] = open_target(argv[3 + 2 * i], argv[4 + 2 * i]);
	next = now_ns();
	for (int i = 0; i < pings; i++) {
		/* Change the order from turn to turn. */
		int target = (i + i / targets) % targets;
		long long ns;

		wait_until(next);
		ns = ping(fds[target], i, interval > SPIN_NS);
		if (ns)
			printf("%d %lld\n", target, ns);
		next += interval;
		if (next < now_ns())
			next = now_ns();
	}
	return 0;
}
