// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Send the same packets to our program and to the kernel's own responder, in
 * two labs with the same IPv6 and MAC addresses. Compare the answers byte for
 * byte. Each rule in rules[] explains an intended difference. A difference that
 * no rule explains is a bug. A rule that explains no difference must be
 * removed.
 *
 *	wire OURS KERNELS NUMBER	the two namespaces, each with a veth0,
 *					and the number of random packets
 *
 * After each packet send a mark: an echo request that both sides answer. Frames
 * that arrive before the reply to the mark are the answer to the packet, so the
 * test need not wait for silence.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/packet.h"

#define DEVICE	"veth0"
#define MTU	1500
#define MARK	"wire-mark"
#define WAIT_MS 5000
#define TOLD	5 /* maximum number of unexplained differences to print */

struct frame {
	__u8 byte[PACKET_MAX];
	size_t len; /* 0 if there is no answer */
};

struct side {
	const char *name;
	int fd;
	struct frame answer;
};

/* A packet, and its answers. */
struct trial {
	struct frame packet;
	struct frame ours;
	struct frame kernels;
};

static __u8 here_mac[6] = { 2, 0xca, 0xfe, 0, 1, 1 };
static __u8 inside_mac[6] = { 2, 0xca, 0xfe, 0, 1, 2 };
static __u8 here_ip[16], inside_ip[16];

static struct side ours, kernels;
static struct rng rng;
static unsigned int trials, unexplained;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* --- the rules ------------------------------------------------------------ */

static unsigned int tags_of(const struct frame *f)
{
	unsigned int tags = 0;

	while (f->len >= packet_ip(tags) &&
	       (get16(f->byte + packet_ip(tags) - 2) == 0x8100 ||
		get16(f->byte + packet_ip(tags) - 2) == 0x88a8))
		tags++;
	return tags;
}

static const __u8 *ip_of(const struct frame *f)
{
	return f->byte + packet_ip(tags_of(f));
}

static bool is_reply(const struct frame *f)
{
	return f->len >= packet_ip(tags_of(f)) + IP6 + ICMP6 &&
	       ip_of(f)[IP6_NEXT] == 58 && ip_of(f)[ICMP6_TYPE] == 129;
}

static bool is_same(const struct frame *a, const struct frame *b)
{
	return a->len == b->len && !memcmp(a->byte, b->byte, a->len);
}

static bool has_wrong_checksum(const struct trial *t)
{
	const __u8 *ip = ip_of(&t->packet);

	return packet_checksum(ip) != get16(ip + ICMP6_CSUM);
}

/*
 * Return true if the packet's source is the kernel's own address. The kernel
 * would then send the answer to itself.
 */
static bool is_from_itself(const struct trial *t)
{
	return !memcmp(ip_of(&t->packet) + IP6_SOURCE, here_ip, 16);
}

static bool is_for_another(const struct trial *t)
{
	return memcmp(ip_of(&t->packet) + IP6_DEST, here_ip, 16);
}

static bool has_tag(const struct trial *t)
{
	return tags_of(&t->packet) > 0;
}

static bool is_for_group(const struct trial *t)
{
	return ip_of(&t->packet)[IP6_DEST] == 0xff && is_reply(&t->kernels) &&
	       !memcmp(ip_of(&t->kernels) + IP6_SOURCE, here_ip, 16);
}

static bool is_for_group_mac(const struct trial *t)
{
	return t->packet.byte[0] & 1 && is_reply(&t->kernels);
}

static bool is_from_group_mac(const struct trial *t)
{
	return t->packet.byte[6] & 1 && is_reply(&t->kernels);
}

static bool is_from_nowhere(const struct trial *t)
{
	static const __u8 none[16];

	return !memcmp(ip_of(&t->packet) + IP6_SOURCE, none, 16) &&
	       is_reply(&t->kernels);
}

static bool is_from_mapped(const struct trial *t)
{
	static const __u8 prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(ip_of(&t->packet) + IP6_SOURCE, prefix, 12) &&
	       is_reply(&t->kernels);
}

static bool has_extension(const struct trial *t)
{
	__u8 next = ip_of(&t->packet)[IP6_NEXT];

	return is_reply(&t->kernels) &&
	       (next == 0 || next == 43 || next == 44 || next == 60);
}

static bool is_no_reply(const struct trial *t)
{
	return !is_reply(&t->kernels);
}

static bool differs_in_mac(const struct trial *t)
{
	struct frame asker = t->kernels;

	memcpy(asker.byte, t->packet.byte + 6, 6);
	return is_same(&asker, &t->ours);
}

static bool has_tags_of_id_0(const struct trial *t)
{
	unsigned int tags = tags_of(&t->packet);

	for (unsigned int i = 0; i < tags; i++)
		if (get16(t->packet.byte + 14 + i * TAG) & 0xfff)
			return false;
	return tags > 0;
}

static bool differs_in_tags(const struct trial *t)
{
	size_t more = tags_of(&t->packet) * TAG;
	struct frame untagged = t->ours;

	untagged.len -= more;
	memmove(untagged.byte + 12, untagged.byte + 12 + more,
		untagged.len - 12);
	return has_tags_of_id_0(t) && is_same(&untagged, &t->kernels);
}

static bool has_three_tags_of_id_0(const struct trial *t)
{
	return tags_of(&t->packet) == 3 && has_tags_of_id_0(t) &&
	       is_reply(&t->kernels);
}

enum who { WE, KERNEL, BOTH };

static struct rule {
	enum who answers;
	const char *name;
	const char *why;
	bool (*explains)(const struct trial *t);
	unsigned int times;
} rules[] = {
	{ WE, "wrong checksum", "the requester drops the answer (RFC 1624)",
	  has_wrong_checksum, 0 },
	{ WE, "another destination", "we answer for all addresses",
	  is_for_another, 0 },
	{ WE, "from the kernel's address",
	  "the kernel sends the answer to itself", is_from_itself, 0 },
	{ WE, "VLAN tag", "the kernel has no VLAN device for the tag", has_tag,
	  0 },
	{ KERNEL, "to a group", "we ignore groups, to keep the lesson small",
	  is_for_group, 0 },
	{ KERNEL, "to the MAC address of a group",
	  "we ignore groups, to keep the lesson small", is_for_group_mac, 0 },
	{ KERNEL, "from the MAC address of a group",
	  "no host has such an address", is_from_group_mac, 0 },
	{ KERNEL, "from ::", "an answer cannot go to :: (RFC 4291, 2.5.2)",
	  is_from_nowhere, 0 },
	{ KERNEL, "from an IPv4-mapped address",
	  "no host uses such an address on a wire", is_from_mapped, 0 },
	{ KERNEL, "extension header",
	  "we parse no extension headers, to keep the lesson small",
	  has_extension, 0 },
	{ KERNEL, "error message", "we answer only echo requests", is_no_reply,
	  0 },
	{ BOTH, "answer's destination MAC",
	  "the kernel uses its neighbour table, but we use the request's source MAC",
	  differs_in_mac, 0 },
	{ KERNEL, "three tags of VLAN 0", "we parse at most two tags",
	  has_three_tags_of_id_0, 0 },
	{ BOTH, "VLAN 0", "the kernel removes all tags, but we keep them",
	  differs_in_tags, 0 },
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

static bool is_explained(const struct trial *t)
{
	enum who answers = !t->kernels.len ? WE : t->ours.len ? BOTH : KERNEL;

	for (size_t i = 0; i < RULES; i++)
		if (rules[i].answers == answers && rules[i].explains(t)) {
			rules[i].times++;
			return true;
		}
	return false;
}

/* --- the wire ------------------------------------------------------------- */

static int wire_open(const char *namespace)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(0x0003) };
	char path[64];
	int fd, on = 1;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	at.sll_ifindex = (int)if_nametoindex(DEVICE);
	if (fd < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
		       sizeof(on)) ||
	    bind(fd, (void *)&at, sizeof(at)))
		die(DEVICE);
	return fd;
}

/* Put back the first VLAN tag, which a packet socket receives separately. */
static void tag_put_back(struct msghdr *m, struct frame *f)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct tpacket_auxdata aux;

		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
			continue;
		memmove(f->byte + 16, f->byte + 12, f->len - 12);
		put16(f->byte + 12, aux.tp_vlan_tpid);
		put16(f->byte + 14, aux.tp_vlan_tci);
		f->len += TAG;
	}
}

static void wire_receive(struct side *side, struct frame *f)
{
	struct pollfd in = { side->fd, POLLIN, 0 };
	struct iovec iov = { f->byte, sizeof(f->byte) - TAG };
	unsigned char control[256];
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	ssize_t n;

	if (poll(&in, 1, WAIT_MS) != 1) {
		printf("%s: no reply to the mark, the request after the packet\n",
		       side->name);
		exit(1);
	}
	n = recvmsg(side->fd, &m, 0);
	if (n < 0)
		die(side->name);
	f->len = (size_t)n;
	tag_put_back(&m, f);
}

static void wire_send(struct side *side, const struct frame *f)
{
	if (send(side->fd, f->byte, f->len, 0) != (ssize_t)f->len)
		die("send");
}

static struct frame request(size_t data)
{
	struct frame f = { .len = ETHER + IP6 + ICMP6 + data };
	__u8 *ip = f.byte + ETHER;

	memcpy(f.byte, here_mac, 6);
	memcpy(f.byte + 6, inside_mac, 6);
	put16(f.byte + 12, 0x86dd);
	ip[0] = 0x61; /* the answer must keep traffic class and flow label */
	ip[1] = 0x23;
	ip[2] = 0x45;
	ip[3] = 0x67;
	put16(ip + IP6_LENGTH, (__u16)(ICMP6 + data));
	ip[IP6_NEXT] = 58;
	ip[IP6_HOPS] = 63;
	memcpy(ip + IP6_SOURCE, inside_ip, 16);
	memcpy(ip + IP6_DEST, here_ip, 16);
	ip[ICMP6_TYPE] = 128;
	put16(ip + ICMP6_ID, 0x1234);
	rng_bytes(&rng, ip + ICMP6_DATA, data);
	packet_set_checksum(ip);
	return f;
}

/* --- a trial -------------------------------------------------------------- */

/*
 * Send the packet and the mark. If there are several answers, join them,
 * because several answers must not equal the single answer of the other side.
 */
static void exchange(struct side *side, const struct frame *packet,
		     const struct frame *mark)
{
	size_t at = ETHER + IP6 + ICMP6;
	struct frame f;

	side->answer.len = 0;
	wire_send(side, packet);
	wire_send(side, mark);
	for (;;) {
		wire_receive(side, &f);
		if (f.len == mark->len &&
		    !memcmp(f.byte + at, mark->byte + at, f.len - at))
			return;
		if (side->answer.len + f.len > sizeof(side->answer.byte))
			continue;
		memcpy(side->answer.byte + side->answer.len, f.byte, f.len);
		side->answer.len += f.len;
	}
}

static void dump(const char *what, const struct frame *f)
{
	printf("# %s: %zu bytes", what, f->len);
	for (size_t i = 0; i < f->len; i++)
		printf(i % 16 ? " %02x" : "\n%02x", f->byte[i]);
	putchar('\n');
}

/*
 * Return true if we gave no answer, or if the packet is an echo request and we
 * gave the right answer. Do not use the kernel's answer.
 */
static bool is_ours_right(const struct trial *t)
{
	size_t at = packet_ip(tags_of(&t->packet)), length;
	const __u8 *ip = t->packet.byte + at;
	struct frame want = t->packet;

	if (!t->ours.len)
		return true;
	if (at > packet_ip(2) || t->packet.len < at + IP6 + ICMP6 ||
	    ip[0] >> 4 != 6 || ip[IP6_NEXT] != 58 || ip[ICMP6_TYPE] != 128)
		return false;
	length = get16(ip + IP6_LENGTH);
	if (length < ICMP6 || length > t->packet.len - at - IP6)
		return false;
	packet_expect(want.byte, at);
	want.len = at + IP6 + length;
	return is_same(&want, &t->ours);
}

static void try(const char *what, const struct frame *packet)
{
	struct trial t = { .packet = *packet };
	struct frame mark = request(32);

	memcpy(mark.byte + ETHER + IP6 + ICMP6, MARK, sizeof(MARK));
	put16(mark.byte + ETHER + ICMP6_ID, 0xffff);
	packet_set_checksum(mark.byte + ETHER);
	exchange(&ours, packet, &mark);
	exchange(&kernels, packet, &mark);
	t.ours = ours.answer;
	t.kernels = kernels.answer;
	trials++;
	if (is_ours_right(&t) &&
	    (is_same(&t.ours, &t.kernels) || is_explained(&t)))
		return;
	if (++unexplained > TOLD)
		return;
	printf("no rule explains the answers; kind of packet: %s\n", what);
	dump("packet", &t.packet);
	dump("our answer", &t.ours);
	dump("the kernel's", &t.kernels);
}

/*
 * Try the packet unchanged. If the packet is complete, but has a wrong
 * checksum, try the packet again with a correct checksum.
 */
static void try_both(const char *what, struct frame *f)
{
	size_t at = packet_ip(tags_of(f));
	__u16 length, was;

	try(what, f);
	if (f->len < at + IP6 + ICMP6)
		return;
	length = get16(f->byte + at + IP6_LENGTH);
	was = get16(f->byte + at + ICMP6_CSUM);
	if (length < ICMP6 || f->len - at - IP6 < length ||
	    was == packet_checksum(f->byte + at))
		return;
	packet_set_checksum(f->byte + at);
	try(what, f);
}

/* --- the packets ---------------------------------------------------------- */

static void valid(void)
{
	for (size_t data = 0; data <= MTU - IP6 - ICMP6;
	     data += data < 80 || data > 1440 ? 1 : 17) {
		struct frame f = request(data);

		try("valid", &f);
	}
}

/*
 * Make a request whose checksum is 0. This is a special case, because in one's
 * complement 0xffff is the same number.
 */
static void of_checksum_zero(void)
{
	struct frame f = request(2);
	__u8 *ip = f.byte + ETHER;

	put16(ip + ICMP6_DATA, 0);
	put16(ip + ICMP6_DATA, packet_checksum(ip));
	packet_set_checksum(ip);
	try("a checksum of 0", &f);
}

/*
 * Cut a request to each length, but not to less than 14 bytes, because a packet
 * socket sends no packet that is shorter than an Ethernet header.
 */
static void truncated(void)
{
	struct frame whole = request(56);

	for (size_t n = ETHER; n < whole.len; n++) {
		struct frame f = whole;

		f.len = n;
		try("truncated", &f);
	}
}

static void padded(void)
{
	for (size_t more = 1; more <= 64; more++) {
		struct frame f = request(more % 7);

		rng_bytes(&rng, f.byte + f.len, more);
		f.len += more;
		try("padded", &f);
	}
}

static void other_lengths(void)
{
	for (__u32 length = 0; length <= 0xffff;
	     length += length < 70 ? 1 : 1021) {
		struct frame f = request(56);

		put16(f.byte + ETHER + IP6_LENGTH, (__u16)length);
		try_both("payload length", &f);
	}
}

/* Change each byte of the headers: flip each bit alone, and set some values. */
static void other_bytes(void)
{
	static const __u8 values[] = { 0, 1, 2, 0x7f, 0x80, 0xfe, 0xff };

	for (size_t at = 0; at < ETHER + IP6 + ICMP6; at++)
		for (size_t i = 0; i < 8 + sizeof(values); i++) {
			struct frame f = request(16);

			if (i < 8)
				f.byte[at] ^= (__u8)(1 << i);
			else
				f.byte[at] = values[i - 8];
			try_both("a changed byte in the headers", &f);
		}
}

static void all_values_of(const char *what, size_t at)
{
	for (__u32 value = 0; value < 256; value++) {
		struct frame f = request(16);

		f.byte[ETHER + at] = (__u8)value;
		try_both(what, &f);
	}
}

static void addresses(void)
{
	static const char *const list[] = {
		"::",
		"::1",
		"::2",
		"::101",
		"::1:0:0:1",
		"::ff:10.11.1.2",
		"::ffff:10.11.1.2",
		"::fffe:a0b:102",
		"::10.11.1.2",
		"64:ff9b::1",
		"2001:db8::1",
		"fe80::1",
		"fec0::1",
		"ff00::1",
		"ff01::1",
		"ff02::1",
		"ff02::2",
		"ff02::1:ff00:1",
		"ff05::1",
		"ff0e::1",
		"fc00:dead:cafe:1::",
		"fc00:dead:cafe:1::1",
		"fc00:dead:cafe:1::2",
		"fc00:dead:cafe:1::3",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	};
	static const __u8 macs[][6] = {
		{ 2, 0xca, 0xfe, 0, 1, 1 },
		{ 0x33, 0x33, 0, 0, 0, 1 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		{ 1, 0, 0x5e, 0, 0, 1 },
		{ 2, 0xca, 0xfe, 0, 1, 2 },
		{ 0 },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		for (size_t j = 0; j < 2 * sizeof(macs) / sizeof(macs[0]);
		     j++) {
			struct frame f = request(16);

			inet_pton(AF_INET6, list[i],
				  f.byte + ETHER +
					  (j & 1 ? IP6_DEST : IP6_SOURCE));
			memcpy(f.byte, macs[j / 2], 6);
			try_both(list[i], &f);
		}
}

/* Add one to three tags. Neither side knows the non-standard type 0x9100. */
static void tagged(void)
{
	static const __u16 kinds[] = { 0x8100, 0x88a8, 0x9100 };
	static const __u16 ids[] = { 0, 1, 42, 0xe000, 0xefff };

	for (size_t tags = 1; tags <= 3; tags++)
		for (size_t i = 0; i < 27 * 5; i++) {
			size_t more = tags * TAG, kind = i / 5;
			struct frame f = request(16);

			memmove(f.byte + 12 + more, f.byte + 12, f.len - 12);
			for (size_t tag = 0; tag < tags; tag++, kind /= 3) {
				put16(f.byte + 12 + tag * TAG, kinds[kind % 3]);
				put16(f.byte + 14 + tag * TAG,
				      ids[(i + tag) % 5]);
			}
			f.len += more;
			try("tagged", &f);
			f.len -= 1;
			try("tagged and truncated", &f);
		}
}

/*
 * Add tags of VLAN id 0. Such tags carry only a priority. They need no VLAN
 * device, so the kernel removes all of them and answers without tags.
 */
static void priority_tagged(void)
{
	static const __u16 kinds[] = { 0x8100, 0x88a8 };

	for (size_t tags = 1; tags <= 3; tags++)
		for (size_t i = 0; i < 8 * 3; i++) {
			size_t more = tags * TAG, kind = i / 3;
			struct frame f = request(16);

			memmove(f.byte + 12 + more, f.byte + 12, f.len - 12);
			for (size_t tag = 0; tag < tags; tag++, kind /= 2) {
				put16(f.byte + 12 + tag * TAG, kinds[kind % 2]);
				/* Priorities 0, 1 and 7. */
				put16(f.byte + 14 + tag * TAG,
				      (__u16)((i % 3 == 2 ? 7 : i % 3) << 13));
			}
			f.len += more;
			try("tags of VLAN 0", &f);
		}
}

/* Insert an extension header of type @header, with @n bytes. */
static void insert(struct frame *f, __u8 header, const __u8 *bytes, size_t n)
{
	__u8 *ip = f->byte + ETHER;
	__u8 next = ip[IP6_NEXT];

	memmove(ip + IP6 + n, ip + IP6, f->len - ETHER - IP6);
	memcpy(ip + IP6, bytes, n);
	ip[IP6] = next;
	ip[IP6_NEXT] = header;
	f->len += n;
	put16(ip + IP6_LENGTH, (__u16)(get16(ip + IP6_LENGTH) + n));
}

static void extended(void)
{
	static const __u8 headers[] = { 0,  43,	 44,  50,  51,	59,
					60, 135, 139, 140, 253, 254 };
	/* The bytes are options, or in header 44 the fields of a fragment. */
	static const __u8 bodies[][8] = {
		{ 0, 0, 1, 4 },		    /* padding */
		{ 0, 0, 0, 0, 1, 2, 3, 4 }, /* padding, or the only fragment */
		{ 0, 0, 0, 1, 1, 2, 3, 4 }, /* the first fragment */
		{ 0, 0, 0, 8, 1, 2, 3, 4 }, /* the last fragment */
		{ 0, 0, 0xc2, 4 },	    /* a jumbo payload, of 0 bytes */
		{ 0, 0, 0x80, 4 },	    /* an unknown option */
		{ 0, 0, 5, 2, 0, 0, 1, 0 }, /* router alert */
		{ 0, 9, 1, 4 },		    /* a length beyond the packet */
	};

	for (size_t i = 0; i < sizeof(headers); i++)
		for (size_t j = 0; j < 8 * 2; j++) {
			struct frame f = request(16);

			if (j & 1)
				insert(&f, 60, bodies[0], 8);
			insert(&f, headers[i], bodies[j / 2], 8);
			try("an extension header", &f);
		}
}

static void spoil(struct frame *f)
{
	for (__u32 n = 1 + rng_below(&rng, 4); n; n--) {
		size_t at = rng_below(&rng, rng_below(&rng, 4)
						    ? ETHER + IP6 + ICMP6
						    : (__u32)f->len);

		if (at >= f->len)
			continue;
		if (rng_below(&rng, 2))
			f->byte[at] ^= (__u8)(1 << rng_below(&rng, 8));
		else
			f->byte[at] = (__u8)rng_next(&rng);
	}
	if (!rng_below(&rng, 8))
		f->len -= rng_below(&rng, (__u32)(f->len - ETHER));
}

static void by_chance(int number)
{
	for (int i = 0; i < number; i++) {
		struct frame f = request(rng_below(&rng, 200));
		size_t keep = (size_t[]){ 0, ETHER, ETHER + IP6 }[i % 3];

		if (rng_below(&rng, 4)) {
			spoil(&f);
			try_both("random changes", &f);
			continue;
		}
		rng_bytes(&rng, f.byte + keep, f.len - keep);
		try("random bytes", &f);
	}
}

/* --- main ----------------------------------------------------------------- */

static int report(void)
{
	bool idle = false;

	printf("%u packets, %u differences without a rule\n", trials,
	       unexplained);
	for (size_t i = 0; i < RULES; i++) {
		static const char *const who[] = { "only we answer",
						   "only the kernel answers",
						   "both answer" };

		printf("%6u %-25s %s: %s\n", rules[i].times,
		       who[rules[i].answers], rules[i].name, rules[i].why);
		idle |= !rules[i].times;
	}
	if (idle)
		puts("a rule that explains no difference must be removed");
	return unexplained || idle;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	rng.state = rng_seed();
	inet_pton(AF_INET6, "fc00:dead:cafe:1::1", here_ip);
	inet_pton(AF_INET6, "fc00:dead:cafe:1::2", inside_ip);
	ours = (struct side){ .name = "ours", .fd = wire_open(argv[1]) };
	kernels =
		(struct side){ .name = "the kernel", .fd = wire_open(argv[2]) };

	valid();
	of_checksum_zero();
	truncated();
	padded();
	other_lengths();
	other_bytes();
	all_values_of("version", 0);
	all_values_of("next header", IP6_NEXT);
	all_values_of("hop limit", IP6_HOPS);
	all_values_of("type", ICMP6_TYPE);
	all_values_of("code", ICMP6_CODE);
	addresses();
	tagged();
	priority_tagged();
	extended();
	by_chance(atoi(argv[3]));
	return report();
}
