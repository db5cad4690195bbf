// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Send frames to the learner's program, and check the frames that come back.
 *
 *	wire turns DEVICE MAC CPUS [other]
 *		send 8 identical requests from one CPU, or from two in turn;
 *		print which of the requests, 1 to 8, were answered; other: first
 *		send a packet that is no request
 *	wire ask DEVICE MAC TAGS
 *		send one request with TAGS: "q" for each tag of 802.1Q, "a" for
 *		each tag of 802.1ad; print the mistakes in its reply; TAGS "+":
 *		no tag, but bytes after the request's end
 *	wire flood DEVICE MAC N WINDOW [others|queues]
 *		send N requests, with at most WINDOW of them unanswered; print
 *		the number of answers; others: before each request, send a
 *		packet that gets no answer; queues: send to all queues in turn
 *	wire queues DEVICE MAC
 *		send a request to each queue, then another request to queue 0;
 *		for each queue print the fate of its first request: "answered"
 *		at once, "late" (after a later request) or "never"
 *	wire mute DEVICE MAC
 *		send packets that must get no answer; print the first packet
 *		that gets one
 *	wire echo DEVICE MAC ADDRESS
 *		send datagrams to the echo service of an address; print the
 *		mistakes in the answers
 *	wire send DEVICE MAC N
 *		send N requests, and do not wait for answers
 *
 * Exit status: 0 if the replies are right, or are not judged (turns, queues,
 * send); 1 if a reply is wrong, missing or unwanted, with the reason on stdout
 * (except flood); 2 if the check cannot run.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "packet.h"

#define QUIET_MS  200 /* if no frame comes for this time, none will come */
#define WAKE_MS	  700 /* time for a sleeping program to wake and answer */
#define TURNS	  8
#define TURN_MS	  100 /* longest wait for the kernel, which answers at once */
#define PADDING	  6
#define QUEUES	  3
#define ECHO_PORT 7
#define CHUNK	  50 /* requests to a queue before the next queue's turn */

static int wire_open(const char *device, const char *mac)
{
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), on = 1;
	int size = 64 << 20;
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(device) };
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", device);
	if (bind(fd, (void *)&at, sizeof(at)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    ioctl(fd, SIOCGIFHWADDR, &ifr)) {
		perror(device);
		exit(2);
	}
	memcpy(inside_mac, ifr.ifr_hwaddr.sa_data, 6);
	for (int i = 0; i < 6; i++)
		here_mac[i] = (unsigned char)strtoul(mac + 3 * i, NULL, 16);
	return fd;
}

static void wire_send(int fd, const struct packet *p)
{
	ssize_t n;

	do
		n = send(fd, p->byte, (size_t)p->len, 0);
	while (n < 0 && errno == ENOBUFS);
	if (n != p->len) {
		perror("send");
		exit(2);
	}
}

/*
 * Put the VLAN tag back into the frame. The kernel removes the tag from a frame
 * that a packet socket receives, and passes the tag in a control message.
 */
static void tag_put_back(struct msghdr *m, struct packet *p)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct tpacket_auxdata aux;

		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
			continue;
		memmove(p->byte + 16, p->byte + 12, (size_t)p->len - 12);
		put16(p->byte + 12, aux.tp_status & TP_STATUS_VLAN_TPID_VALID
					    ? aux.tp_vlan_tpid
					    : ETH_P_8021Q);
		put16(p->byte + 14, aux.tp_vlan_tci);
		p->len += 4;
		p->tags += 4;
	}
}

/*
 * Receive the next frame that contains our mark, DATA_MARK. Skip other frames.
 * Return false if no frame at all comes in @milliseconds.
 */
static bool wire_receive(int fd, struct packet *p, int milliseconds)
{
	struct pollfd in = { fd, POLLIN, 0 };

	while (poll(&in, 1, milliseconds) > 0) {
		struct sockaddr_ll from;
		unsigned char control[256];
		struct iovec iov = { p->byte, sizeof(p->byte) - 4 };
		struct msghdr m = { &from,   sizeof(from),    &iov, 1,
				    control, sizeof(control), 0 };
		ssize_t n = recvmsg(fd, &m, 0);

		if (n < ETH_HLEN || from.sll_pkttype == PACKET_OUTGOING)
			continue;
		p->len = (int)n;
		p->tags = 0;
		tag_put_back(&m, p);
		if (memmem(p->byte, (size_t)p->len, DATA_MARK, 7))
			return true;
	}
	return false;
}

static unsigned int sequence_of(const struct packet *p)
{
	const unsigned char *data =
		memmem(p->byte, (size_t)p->len, DATA_MARK, 7);

	return get16(data - 2);
}

static void use_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("sched_setaffinity");
		exit(2);
	}
}

/* Find up to two CPUs that this process may use. Return their number. */
static int find_cpus(int cpu[2])
{
	cpu_set_t set;
	int found = 0;

	sched_getaffinity(0, sizeof(set), &set);
	for (int i = 0; i < CPU_SETSIZE && found < 2; i++)
		if (CPU_ISSET(i, &set))
			cpu[found++] = i;
	return found;
}

/*
 * Direct our packets to an RX queue of the other end of the veth pair. A packet
 * that we send on TX queue N arrives on RX queue N, and XPS selects the TX
 * queue by the sending CPU.
 */
static void use_queue(const char *device, int queue)
{
	int cpu[2];

	find_cpus(cpu);
	use_cpu(cpu[0]);
	for (int i = 0; i < QUEUES; i++) {
		char path[100];
		FILE *file;

		snprintf(path, sizeof(path),
			 "/sys/class/net/%s/queues/tx-%d/xps_cpus", device, i);
		file = fopen(path, "w");
		if (!file) {
			perror(path);
			exit(2);
		}
		/* Write a mask of CPUs, in words of 32 bits. */
		fprintf(file, "%x", i == queue ? 1U << cpu[0] % 32 : 0);
		for (int word = cpu[0] / 32; word; word--)
			fputs(",00000000", file);
		fclose(file);
	}
}

static struct packet unanswerable(int kind);

/*
 * Send requests from one CPU, or from two in turn, and print which requests
 * were answered. On veth the XDP program runs on the CPU of the sender, so with
 * two CPUs a per-CPU counter is wrong. All requests are identical, so the XDP
 * program has to count: it cannot choose them by sequence number.
 */
static int turns(int fd, int cpus, bool other)
{
	struct packet p, answer;
	int cpu[2];

	if (find_cpus(cpu) < cpus)
		return 2;
	if (other) {
		p = unanswerable(1);
		use_cpu(cpu[0]);
		wire_send(fd, &p);
	}
	p = request("", DATA, 1);
	for (int i = 1, any = 0; i <= TURNS; i++) {
		use_cpu(cpu[cpus > 1 ? i % 2 : 0]);
		wire_send(fd, &p);
		if (wire_receive(fd, &answer, TURN_MS))
			printf("%s%d", any++ ? " " : "", i);
	}
	return 0;
}

static int ask(int fd, const char *tags)
{
	bool padded = *tags == '+';
	struct answer a;

	/* Use two lengths, because a program could send a constant length. */
	a.asked = request(padded ? "" : tags, padded ? DATA / 2 : DATA, 1);
	a.wanted = reply_to(&a.asked);
	a.asked.len += padded ? PADDING : 0;
	wire_send(fd, &a.asked);
	if (!wire_receive(fd, &a.came, 1000)) {
		printf("expected: a reply to an echo request%s\ncame:     nothing in a second\n",
		       *tags && !padded ? " with a VLAN tag" : "");
		return 1;
	}
	if (padded && a.came.len == a.asked.len) {
		printf("expected: a reply of %d bytes to a request with %d bytes after its end\ncame:     %d bytes: send only as many bytes as icmp6_echo_reply() returns, without the bytes after the request's end\n",
		       a.wanted.len, PADDING, a.came.len);
		return 1;
	}
	return compare(&a, fields_of_interest(padded ? "" : tags));
}

static struct packet unanswerable(int kind)
{
	struct packet p = request("", DATA, 9);

	switch (kind % 5) {
	case 0:
		p.byte[20] = 17; /* UDP */
		break;
	case 1:
		p.byte[54] = 129; /* a reply */
		break;
	case 2:
		p.len -= 30; /* truncated after our mark */
		break;
	case 3:
		p.byte[0] = 0x33; /* to a group */
		p.byte[38] = 0xff;
		break;
	default:
		p.byte[20] = 44; /* a fragment */
	}
	return p;
}

static int mute(int fd)
{
	static const char *const kinds[] = {
		"UDP",
		"an echo reply",
		"a truncated echo request",
		"an echo request to a group",
		"a fragment",
		"an echo request to another device's MAC address"
	};

	for (int i = 0; i < 6; i++) {
		struct packet p = unanswerable(i);

		if (i == 5) {
			p = request("", DATA, 9);
			p.byte[5] ^= 0x55;
		}
		wire_send(fd, &p);
		if (!wire_receive(fd, &p, QUIET_MS / 3))
			continue;
		printf("expected: no answer to %s\ncame:     a frame of %d bytes: %s\n",
		       kinds[i], p.len,
		       i == 2 ? "does icmp6_echo_reply() get the end of the packet, packet + len?"
		       : i == 5
			       ? "the third argument of icmp6_echo_reply() is queue->mac"
			       : "if icmp6_echo_reply() returns less than 0, give the frame back");
		return 1;
	}
	return 0;
}

/*
 * Send @total requests, and print the number of replies. Give up after a second
 * without a reply.
 */
static int flood(int fd, const char *device, int total, int window,
		 const char *how)
{
	bool others = !strcmp(how, "others"), queues = !strcmp(how, "queues");
	static bool answered[65536];
	int sent = 0, came = 0;
	struct packet p;

	while (came < total) {
		for (; sent < total && sent - came < window; sent++) {
			if (queues && sent % CHUNK == 0)
				use_queue(device, sent / CHUNK % QUEUES);
			if (others) {
				p = unanswerable(sent);
				wire_send(fd, &p);
			}
			p = request("", DATA, (unsigned int)sent & 0xffff);
			wire_send(fd, &p);
		}
		if (!wire_receive(fd, &p, 1000))
			break;
		came += !answered[sequence_of(&p)];
		answered[sequence_of(&p)] = true;
	}
	printf("%d", came);
	return came != total;
}

/*
 * Send a request to each queue while the program sleeps, then one to queue 0,
 * which wakes even a program that waits only for queue 0. Print "answered",
 * "late" or "never" for each queue.
 */
static int queues(int fd, const char *device)
{
	const char *fate[QUEUES + 1];

	for (unsigned int i = 0; i <= QUEUES; i++) {
		struct packet p = request("", DATA, i);

		fate[i] = "never";
		use_queue(device, (int)i % QUEUES);
		wire_send(fd, &p);
		while (wire_receive(fd, &p, WAKE_MS)) {
			unsigned int came = sequence_of(&p);

			if (came <= i)
				fate[came] = came == i ? "answered" : "late";
		}
	}
	for (int i = 0; i < QUEUES; i++)
		printf("%s%s", i ? " " : "", fate[i]);
	return 0;
}

/*
 * Send a datagram through a UDP socket. The kernel accepts an answer only if it
 * comes from @address and has a correct checksum. Return the answer's length,
 * or -1 if no answer comes.
 */
static ssize_t echoed(const char *address, int port, const char *data,
		      size_t len, char *answer, size_t size)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
				   .sin6_port = htons((unsigned short)port) };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	struct pollfd in = { fd, POLLIN, 0 };
	ssize_t n = -1;

	if (inet_pton(AF_INET6, address, &to.sin6_addr) != 1 ||
	    connect(fd, (void *)&to, sizeof(to)) ||
	    send(fd, data, len, 0) != (ssize_t)len) {
		perror("UDP");
		exit(2);
	}
	if (poll(&in, 1, port == ECHO_PORT ? 1000 : QUIET_MS) > 0)
		n = recv(fd, answer, size, 0);
	close(fd);
	return n;
}

/*
 * Check the answers to datagrams that no UDP socket sends: a padded one, a
 * truncated one, and one to another device's MAC address.
 */
static int echo_frames(int fd)
{
	struct packet asked = datagram(DATA), came;
	int len = datagram_reply(&asked).len;

	asked.len += PADDING;
	wire_send(fd, &asked);
	if (!wire_receive(fd, &came, 1000) || came.len != len) {
		printf("expected: a datagram with %d bytes after its end gets a reply of %d bytes\ncame:     another reply, or no reply: send as many bytes as udp_echo_reply() returns\n",
		       PADDING, len);
		return 1;
	}
	asked.len = len - 30;
	wire_send(fd, &asked);
	if (wire_receive(fd, &came, QUIET_MS)) {
		puts("expected: no answer to a truncated datagram\ncame:     an answer: does udp_echo_reply() get the end of the packet, packet + len?");
		return 1;
	}
	asked.len = len;
	asked.byte[5] ^= 0x55;
	wire_send(fd, &asked);
	if (!wire_receive(fd, &came, QUIET_MS))
		return 0;
	puts("expected: no answer to a datagram to another device's MAC address\ncame:     an answer: the third argument of udp_echo_reply() must be queue->mac");
	return 1;
}

static int echo(int fd, const char *address)
{
	static const size_t sizes[] = { 56, 1, 0, 13, 1400 };
	char data[1400], answer[1500];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		ssize_t n = echoed(address, ECHO_PORT, data, sizes[i], answer,
				   sizeof(answer));

		if (n == (ssize_t)sizes[i] && !memcmp(data, answer, sizes[i]))
			continue;
		printf("expected: a socket sends %zu bytes to port 7, and receives the same bytes\ncame:     ",
		       sizes[i]);
		if (n < 0)
			puts("nothing in a second; the kernel also drops a reply with a wrong checksum");
		else
			printf("%zd bytes, but not the bytes that were sent\n",
			       n);
		return 1;
	}
	if (echoed(address, ECHO_PORT + 1, data, 56, answer, sizeof(answer)) <
	    0)
		return echo_frames(fd);
	puts("expected: no answer from port 8\ncame:     an answer");
	return 1;
}

static int send_only(int fd, int total)
{
	struct packet p = request("", DATA, 1);

	for (int i = 0; i < total; i++)
		wire_send(fd, &p);
	return 0;
}

int main(int argc, char **argv)
{
	const char *command = argc > 3 ? argv[1] : "";
	int fd;

	if (argc < 4)
		return 2;
	fd = wire_open(argv[2], argv[3]);
	if (!strcmp(command, "mute"))
		return mute(fd);
	if (!strcmp(command, "queues"))
		return queues(fd, argv[2]);
	if (!strcmp(command, "turns") && argc >= 5)
		return turns(fd, atoi(argv[4]), argc > 5);
	if (!strcmp(command, "ask") && argc == 5)
		return ask(fd, argv[4]);
	if (!strcmp(command, "echo") && argc == 5)
		return echo(fd, argv[4]);
	if (!strcmp(command, "send") && argc == 5)
		return send_only(fd, atoi(argv[4]));
	if (!strcmp(command, "flood") && argc >= 6)
		return flood(fd, argv[2], atoi(argv[4]), atoi(argv[5]),
			     argc > 6 ? argv[6] : "");
	return 2;
}
