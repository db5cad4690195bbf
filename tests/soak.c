// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Send all kinds of packets that may come from a wire, of 14 to 1,514 bytes, in
 * bursts with pauses: echo requests, and packets that must get no answer.
 *
 *	soak DEV MAC SOURCE DESTINATION SECONDS SEED [PPS]
 *
 * Send from DEV to MAC for SECONDS. If PPS is given, send at most PPS packets a
 * second, ten at a time. The same SEED makes the same packets. Print the number
 * of packets for each expected result:
 *
 *	sent N answered N tagged N other N extension N truncated N address N
 *
 * "answered" counts valid requests without VLAN tags, and "tagged" counts valid
 * requests with tags. Packets of the last four kinds must get no answer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH	  32
#define FRAME_MAX ETH_FRAME_LEN
#define IPV6_LEN  40
#define ICMP_LEN  8
#define BURST_MAX 8192
#define PAUSE_MAX 20000 /* longest pause, microseconds */

enum kind { ANSWERED, TAGGED, OTHER, EXTENSION, TRUNCATED, ADDRESS, KINDS };

struct packet {
	enum kind kind;
	size_t len;
	uint8_t bytes[2048];
};

static uint64_t state;
static uint8_t noise[2 * FRAME_MAX];
static uint8_t ends[2 * ETH_ALEN]; /* destination and source MAC */
static uint8_t addresses[2 * 16];  /* source and destination IPv6 */

static void die(const char *what)
{
	fprintf(stderr, "soak: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* Return a random number from 0 to n - 1, by splitmix64. */
static uint32_t below(uint32_t n)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) >> 32) % n;
}

static void put16(uint8_t *to, size_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static uint16_t checksum(const uint8_t *data, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)data[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/*
 * Make a request that gets an answer. Its payload ends where the packet ends.
 */
static void make_request(struct packet *p, size_t payload)
{
	uint8_t *ip = p->bytes + ETH_HLEN, *icmp = ip + IPV6_LEN;

	p->len = ETH_HLEN + IPV6_LEN + payload;
	memcpy(p->bytes, ends, sizeof(ends));
	put16(p->bytes + 12, ETH_P_IPV6);
	memset(ip, 0, IPV6_LEN);
	ip[0] = 0x60;
	put16(ip + 4, payload);
	ip[6] = IPPROTO_ICMPV6;
	ip[7] = 64;
	memcpy(ip + 8, addresses, sizeof(addresses));
	memcpy(icmp, noise + below(FRAME_MAX), payload);
	memcpy(icmp, (uint8_t[]){ 128, 0, 0, 0 }, 4);
	put16(icmp + 2, checksum(ip + 8, sizeof(addresses) + payload,
				 (uint32_t)payload + IPPROTO_ICMPV6));
}

/*
 * Add tags, but never a tag of VLAN 0. Such a tag carries only a priority, so
 * the kernel that receives the answer would count the answer as untagged.
 */
static void add_tags(struct packet *p, unsigned int n)
{
	uint8_t *at = p->bytes + 2 * ETH_ALEN;

	memmove(at + 4 * n, at, p->len - 2 * ETH_ALEN);
	p->len += 4 * n;
	for (; n--; at += 4) {
		put16(at, below(2) ? ETH_P_8021Q : 0x88a8);
		put16(at + 2, below(0x10000) | 1);
	}
}

static void make_other(struct packet *p)
{
	static const uint8_t next[] = { 1, 4, 6, 17, 41, 59, 132, 255 };
	uint8_t *ip = p->bytes + ETH_HLEN;

	switch (below(5)) {
	case 0: /* an EtherType other than IPv6, or a length */
		put16(p->bytes + 12, below(0x8100));
		break;
	case 1:
		ip[0] ^= (uint8_t)(0x10 << below(4));
		break;
	case 2:
		ip[6] = next[below(sizeof(next))];
		break;
	case 3:
		ip[IPV6_LEN] ^= (uint8_t)(1 << below(8));
		break;
	default:
		add_tags(p, 3);
	}
}

static void make_extension(struct packet *p)
{
	static const uint8_t next[] = { 0, 43, 44, 50, 51, 60, 135, 139, 140 };

	p->bytes[ETH_HLEN + 6] = next[below(sizeof(next))];
}

static void make_truncated(struct packet *p)
{
	size_t payload = p->len - ETH_HLEN - IPV6_LEN;

	switch (below(3)) {
	case 0: /* cut the packet within or after the headers */
		p->len = ETH_HLEN + below((uint32_t)p->len - ETH_HLEN);
		break;
	case 1:
		put16(p->bytes + ETH_HLEN + 4,
		      payload + 1 + below(0xffff - (uint32_t)payload));
		break;
	default: /* payload too short for an echo header */
		put16(p->bytes + ETH_HLEN + 4, below(ICMP_LEN));
	}
}

static void make_address(struct packet *p)
{
	uint8_t *at = p->bytes + ETH_HLEN + 8 + 16 * below(2);

	switch (below(4)) {
	case 0:
		p->bytes[ETH_ALEN * below(2)] |= 1;
		break;
	case 1:
		at[0] = 0xff;
		break;
	case 2: /* :: and ::1 */
		memset(at, 0, 16);
		at[15] = (uint8_t)below(2);
		break;
	default: /* ::ffff:0:0/96 */
		memset(at, 0, 10);
		memset(at + 10, 0xff, 2);
	}
}

static void make_packet(struct packet *p)
{
	enum kind kind = below(2) ? ANSWERED : below(KINDS);
	size_t room = FRAME_MAX - ETH_HLEN - IPV6_LEN - ICMP_LEN - 3 * 4;

	make_request(p, ICMP_LEN + below(2) * below((uint32_t)room + 1));
	p->kind = kind;
	if (kind == ANSWERED && !below(4)) /* add trailing bytes */
		p->len += below((uint32_t)(FRAME_MAX - p->len));
	else if (kind == TAGGED)
		add_tags(p, 1 + below(2));
	else if (kind == OTHER)
		make_other(p);
	else if (kind == EXTENSION)
		make_extension(p);
	else if (kind == TRUNCATED)
		make_truncated(p);
	else if (kind == ADDRESS)
		make_address(p);
}

static int open_device(const char *name)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(name),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	struct ifreq ifr = { 0 };

	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    ioctl(fd, SIOCGIFHWADDR, &ifr))
		die(name);
	memcpy(ends + ETH_ALEN, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	return fd;
}

/* Send all packets, but skip a packet if the device has no room for it. */
static void send_batch(int fd, struct packet *packets, unsigned int n,
		       unsigned long *sent)
{
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec iov[BATCH];
	unsigned int i;
	int done;

	for (i = 0; i < n; i++) {
		iov[i] = (struct iovec){ packets[i].bytes, packets[i].len };
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	for (i = 0; i < n;) {
		done = sendmmsg(fd, messages + i, n - i, 0);
		if (done < 0 && errno != ENOBUFS && errno != EAGAIN)
			die("sendmmsg");
		for (int j = 0; j < done; j++)
			sent[packets[i + (unsigned int)j].kind]++;
		i += done > 0 ? (unsigned int)done : 1;
	}
}

static void send_burst(int fd, unsigned int n, unsigned long *sent)
{
	static struct packet packets[BATCH];

	for (unsigned int batch; n; n -= batch) {
		batch = n < BATCH ? n : BATCH;
		for (unsigned int i = 0; i < batch; i++)
			make_packet(&packets[i]);
		send_batch(fd, packets, batch, sent);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * Send bursts with pauses between them. If @pps is 0, the length of a burst and
 * of a pause has a random order of magnitude.
 */
static void send_for(int fd, double seconds, unsigned int pps,
		     unsigned long *sent)
{
	double end = now() + seconds;

	while (now() < end) {
		if (pps) {
			send_burst(fd, 10, sent);
			usleep(10 * 1000000 / pps);
		} else {
			send_burst(fd, 1 + below(BURST_MAX >> below(14)), sent);
			usleep(below(PAUSE_MAX >> below(15)));
		}
	}
}

static void print(const unsigned long *sent)
{
	static const char *const names[] = {
		[ANSWERED] = "answered",   [TAGGED] = "tagged",
		[OTHER] = "other",	   [EXTENSION] = "extension",
		[TRUNCATED] = "truncated", [ADDRESS] = "address",
	};
	unsigned long sum = 0;

	for (int i = 0; i < KINDS; i++)
		sum += sent[i];
	printf("sent %lu", sum);
	for (int i = 0; i < KINDS; i++)
		printf(" %s %lu", names[i], sent[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	unsigned long sent[KINDS] = { 0 };
	struct ether_addr *mac;
	int fd;

	if (argc < 7) {
		fputs("usage: soak DEV MAC SOURCE DESTINATION SECONDS SEED [PPS]\n",
		      stderr);
		return 2;
	}
	mac = ether_aton(argv[2]);
	if (!mac || inet_pton(AF_INET6, argv[3], addresses) != 1 ||
	    inet_pton(AF_INET6, argv[4], addresses + 16) != 1)
		die("addresses");
	memcpy(ends, mac, ETH_ALEN);
	fd = open_device(argv[1]);
	state = strtoull(argv[6], NULL, 10);
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)below(256);
	send_for(fd, atof(argv[5]), argc > 7 ? (unsigned int)atoi(argv[7]) : 0,
		 sent);
	print(sent);
	return 0;
}
