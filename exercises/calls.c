// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A library for LD_PRELOAD: count a program's kicks (calls of sendto() without
 * data, which make the kernel send from TX), and check the timeouts that the
 * program passes to poll(). Mistakes in these calls do not show on the wire,
 * because packets are sent even after a late or needless kick. When the program
 * ends, print on one line
 *
 *	calls: kicks K, polls P, too long L, too short S, deaf D, for ever F,
 *	gathers G
 *
 * K is the number of kicks. P is the number of calls of poll() with several
 * descriptors; only the program's main loop makes such calls. Of these P calls,
 *
 *   L had no timeout, or one above LONGEST_MS, although packets were in TX;
 *   S had timeout 0, although all TX rings were empty;
 *   D did not wait for packets on some socket whose TX had room;
 *   F had no timeout.
 *
 * G is the number of calls of ppoll() with several descriptors: with
 * --coalesce, the program sleeps in ppoll() to let packets gather.
 *
 * If CALLS_REFUSED=QUEUE is in the environment, binding queue QUEUE fails.
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xdp/xsk.h>

#define SOCKETS	   64
#define LONGEST_MS 100 /* longest timeout with packets in TX; > TX_RETRY_MS */
#define NEXT(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

static unsigned long kicks, polls, too_long, too_short, deaf, for_ever, gathers;
static const struct xsk_ring_prod *rings[SOCKETS]; /* each socket's TX */
static int sockets;

ssize_t sendto(int fd, const void *data, size_t len, int flags,
	       const struct sockaddr *to, socklen_t to_len)
{
	/* Without MSG_DONTWAIT the kernel only checks the socket. */
	kicks += !len && flags & MSG_DONTWAIT;
	return syscall(SYS_sendto, fd, data, len, flags, to, to_len);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	return sendto(fd, data, len, flags, NULL, 0);
}

int xsk_socket__create_shared(struct xsk_socket **socket, const char *device,
			      __u32 queue, struct xsk_umem *umem,
			      struct xsk_ring_cons *rx,
			      struct xsk_ring_prod *tx,
			      struct xsk_ring_prod *fill,
			      struct xsk_ring_cons *completion,
			      const struct xsk_socket_config *config)
{
	const char *refused = getenv("CALLS_REFUSED");

	if (refused && queue == (__u32)atoi(refused))
		return -EINVAL;
	if (sockets < SOCKETS)
		rings[sockets++] = tx;
	return NEXT(xsk_socket__create_shared)(socket, device, queue, umem, rx,
					       tx, fill, completion, config);
}

/*
 * Return the number of packets in a socket's TX, or 0 if the socket is closed.
 */
static __u32 waiting(int i)
{
	const struct xsk_ring_prod *tx = rings[i];

	return tx->producer ? *(volatile __u32 *)tx->producer -
				      *(volatile __u32 *)tx->consumer
			    : 0;
}

static bool waits_in_tx(void)
{
	for (int i = 0; i < sockets; i++)
		if (waiting(i))
			return true;
	return false;
}

/*
 * Return true if the program polls every socket for packets, except sockets
 * whose TX is full.
 */
static bool asks_all(const struct pollfd *fds, nfds_t n)
{
	for (nfds_t i = 0; i < n; i++)
		if (!(fds[i].events & POLLIN) &&
		    !(i < (nfds_t)sockets && waiting((int)i) == rings[i]->size))
			return false;
	return true;
}

/*
 * Count only calls with several descriptors: the program's main loop makes
 * them.
 */
int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	bool waits = waits_in_tx(), asks = asks_all(fds, n);

	if (n > 1) {
		polls++;
		too_long += waits && (timeout < 0 || timeout > LONGEST_MS);
		too_short += !waits && !timeout;
		deaf += !asks;
		for_ever += timeout < 0;
	}
	return NEXT(poll)(fds, n, timeout);
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	  const sigset_t *signals)
{
	gathers += n > 1;
	return NEXT(ppoll)(fds, n, timeout, signals);
}

__attribute__((destructor)) static void report(void)
{
	fprintf(stderr,
		"calls: kicks %lu, polls %lu, too long %lu, too short %lu, deaf %lu, for ever %lu, gathers %lu\n",
		kicks, polls, too_long, too_short, deaf, for_ever, gathers);
}
