// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A paced generator of ICMPv6 echo requests that counts the replies.
 *
 *	pktgen [-f FLOWS] [-l] [-p PID] [-s] [-t TYPE] [-u PORT]
 *	       DEV MAC SOURCE DESTINATION PPS PACKETS SECONDS BYTES
 *
 * Send PACKETS frames of BYTES bytes through DEV to MAC and DESTINATION. Send
 * PPS frames a second (0: as fast as possible), for SECONDS at most. After the
 * last request wait for the missing replies, for 100 ms at most, and print
 *
 *	sent N replies N seconds S user_us U system_us U softirq_us U syscalls N
 *	p50_us U p99_us U p999_us U
 *
 * in one line.
 *
 * S seconds passed from the first request to the last request or reply,
 * whichever came later. user_us and system_us are the CPU time of process PID
 * (-p) during the run, and softirq_us is the CPU time of the machine's soft
 * interrupts. System calls are counted only with -s, because counting makes
 * each call slower. With -f the requests come from FLOWS source addresses in
 * turn: SOURCE, and the addresses after it. With -l each request carries its
 * time of sending, which needs frames of 70 bytes or more. p50_us, p99_us and
 * p999_us are percentiles of the round trips. A round trip begins in the XDP
 * program that sends, and ends in the XDP program that counts. Without -l the
 * percentiles are 0. A reply has ICMPv6 type TYPE (-t), by default 129. With -u
 * send UDP datagrams from and to port PORT instead of echo requests, and count
 * no replies. With -u no XDP program is attached to DEV, so two generators can
 * use DEV.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "bench/pktgen.h"
#include "bench/usage.h"
#include <bench/pktgen_kern.skel.h>

#define BATCH	     64
#define SETTLE_NS    100000000ULL /* longest wait after the last packet */
#define FRAME_MAX    2048
#define LATE	     0.05	 /* seconds by which packets may be sent late */
#define ENOUGH_CALLS 0xffffffffU /* more calls of generate() than a run has */

struct options {
	__u16 flows, udp_port;
	__u8 reply_type;
	pid_t pid;
	bool syscalls, stamps;
	const char *dev, *mac, *source, *destination;
	double pps, seconds;
	unsigned long long packets;
	size_t bytes;
};

static void die(const char *what)
{
	fprintf(stderr, "pktgen: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void usage(void)
{
	fputs("usage: pktgen [-f FLOWS] [-l] [-p PID] [-s] [-t TYPE] [-u PORT]\n"
	      "              DEV MAC SOURCE DESTINATION PPS PACKETS SECONDS BYTES\n",
	      stderr);
	exit(2);
}

static void parse(struct options *o, int argc, char **argv)
{
	int option;

	*o = (struct options){ .flows = 1, .reply_type = PKTGEN_ECHO_REPLY };
	while ((option = getopt(argc, argv, "f:lp:st:u:")) != -1) {
		if (option == 'f')
			o->flows = (__u16)atoi(optarg);
		else if (option == 'l')
			o->stamps = true;
		else if (option == 'p')
			o->pid = atoi(optarg);
		else if (option == 's')
			o->syscalls = true;
		else if (option == 't')
			o->reply_type = (__u8)atoi(optarg);
		else if (option == 'u')
			o->udp_port = (__u16)atoi(optarg);
		else
			usage();
	}
	argv += optind;
	if (argc - optind != 8)
		usage();
	o->dev = argv[0];
	o->mac = argv[1];
	o->source = argv[2];
	o->destination = argv[3];
	o->pps = strtod(argv[4], NULL);
	o->packets = strtoull(argv[5], NULL, 10);
	o->seconds = strtod(argv[6], NULL);
	o->bytes = strtoul(argv[7], NULL, 10);
	/*
	 * Limit the time, because BPF_PROG_RUN does not end when all packets
	 * are sent.
	 */
	if (o->pps > 0 && o->seconds > (double)o->packets / o->pps + LATE)
		o->seconds = (double)o->packets / o->pps + LATE;
	if (o->bytes <
		    (o->stamps ? PKTGEN_STAMP + sizeof(__u64) : PKTGEN_STAMP) ||
	    o->bytes > FRAME_MAX)
		usage();
}

static __u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (__u64)t.tv_sec * 1000000000 + (__u64)t.tv_nsec;
}

static __u16 checksum(const __u8 *data, size_t len, __u32 sum)
{
	for (size_t i = 0; i < len; i++)
		sum += (__u32)data[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)~sum;
}

static void own_mac(const char *dev, __u8 *mac)
{
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	struct ifreq ifr = { 0 };

	strncpy(ifr.ifr_name, dev, IFNAMSIZ - 1);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &ifr))
		die(dev);
	memcpy(mac, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	close(fd);
}

static void put16(__u8 *bytes, __u16 value)
{
	bytes[0] = (__u8)(value >> 8);
	bytes[1] = (__u8)value;
}

/* Write the header of ICMPv6 or UDP: both have eight bytes and a checksum. */
static void make_payload(__u8 *frame, const struct options *o)
{
	__u16 payload = (__u16)(o->bytes - PKTGEN_TYPE);
	__u8 protocol = o->udp_port ? IPPROTO_UDP : PKTGEN_ICMPV6, *csum;

	frame[PKTGEN_NEXT_HEADER] = protocol;
	csum = frame + PKTGEN_CHECKSUM;
	if (o->udp_port) {
		put16(frame + PKTGEN_TYPE, o->udp_port);
		put16(frame + PKTGEN_TYPE + 2, o->udp_port);
		put16(frame + PKTGEN_TYPE + 4, payload);
		csum = frame + PKTGEN_CHECKSUM_UDP;
	} else {
		frame[PKTGEN_TYPE] = PKTGEN_ECHO_REQUEST;
	}
	put16(csum, checksum(frame + PKTGEN_SOURCE, o->bytes - PKTGEN_SOURCE,
			     payload + protocol));
}

static void make_request(__u8 *frame, const struct options *o)
{
	struct ether_addr *mac = ether_aton(o->mac);

	if (!mac)
		die(o->mac);
	memset(frame, 0, o->bytes);
	memcpy(frame, mac, ETH_ALEN);
	own_mac(o->dev, frame + ETH_ALEN);
	frame[12] = 0x86; /* IPv6 */
	frame[13] = 0xdd;
	frame[14] = 0x60;
	put16(frame + 18, (__u16)(o->bytes - PKTGEN_TYPE));
	frame[21] = 64;
	if (inet_pton(AF_INET6, o->source, frame + PKTGEN_SOURCE) != 1 ||
	    inet_pton(AF_INET6, o->destination, frame + PKTGEN_DESTINATION) !=
		    1)
		die("addresses");
	make_payload(frame, o);
}

/*
 * Set the PID and the PID namespace of the process whose system calls the
 * tracing program counts. A tracing program sees the PID in the initial PID
 * namespace, but we know only the PID in our own namespace.
 */
static void set_pid(struct pktgen *p, pid_t pid)
{
	struct stat ns;

	if (stat("/proc/self/ns/pid", &ns))
		die("/proc/self/ns/pid");
	p->pid_ns_dev = ns.st_dev;
	p->pid_ns_inode = ns.st_ino;
	p->pid = (__u32)pid;
}

static struct pktgen_kern *load(const struct options *o, const __u8 *frame)
{
	LIBBPF_OPTS(bpf_link_create_opts, link, .flags = XDP_FLAGS_DRV_MODE);
	struct pktgen_kern *skel = pktgen_kern__open();
	struct pktgen *p;

	if (!skel)
		die("open");
	bpf_program__set_autoload(skel->progs.count_syscalls, o->syscalls);
	if (pktgen_kern__load(skel))
		die("load");
	p = &skel->bss->pktgen;
	memcpy(p->headers, frame, sizeof(p->headers));
	p->reply_type = o->reply_type;
	p->flows = o->flows;
	p->stamps = o->stamps;
	p->udp = o->udp_port > 0;
	p->interval_ns = o->pps > 0 ? (__u64)(1e9 / o->pps) : 0;
	p->limit = o->packets;
	set_pid(p, o->pid);
	if (!o->udp_port &&
	    bpf_link_create(bpf_program__fd(skel->progs.count),
			    (int)if_nametoindex(o->dev), BPF_XDP, &link) < 0)
		die("attach");
	if (o->syscalls && !bpf_program__attach(skel->progs.count_syscalls))
		die("attach to sys_enter");
	return skel;
}

static void on_alarm(int signal)
{
	(void)signal; /* without a handler the signal would end the process */
}

/*
 * Send all packets with one system call. SIGALRM ends the call when the time is
 * over. Before the call returns, the kernel takes about 20 ms to free the
 * call's pages.
 */
static void run(struct pktgen_kern *skel, const struct options *o, __u8 *frame)
{
	struct xdp_md ctx = {
		.data_end = (__u32)o->bytes,
		.ingress_ifindex = if_nametoindex(o->dev),
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame,
		    .data_size_in = (__u32)o->bytes, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .repeat = (int)ENOUGH_CALLS,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);
	double whole = (double)(time_t)o->seconds;
	struct itimerval end = {
		.it_value = { (time_t)whole,
			      (suseconds_t)((o->seconds - whole) * 1e6) },
	};
	struct sigaction action = { .sa_handler = on_alarm };
	int err;

	if (!skel->bss->pktgen.interval_ns && o->packets < ENOUGH_CALLS)
		opts.repeat = (int)o->packets;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &end, NULL);
	err = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.generate),
				     &opts);
	if (err && errno != EINTR)
		die("BPF_PROG_RUN");
}

static void wait_for_replies(const volatile struct pktgen *p)
{
	while (!p->udp && p->replies < p->sent &&
	       now_ns() < p->last_sent_ns + SETTLE_NS)
		usleep(1000);
}

/*
 * Return a percentile of the round trips. For the 99th percentile, @part is
 * 0.99. The histogram only counts the round trips in each step of time, so
 * return the middle of the percentile's step.
 */
static double percentile_us(const struct pktgen *p, double part)
{
	double rank = part * (double)p->replies, seen = 0;

	for (int i = 0; p->stamps && i < PKTGEN_STEPS; i++) {
		seen += (double)p->round_trips[i];
		if (seen >= rank)
			return (i + 0.5) * (1 << PKTGEN_STEP_SHIFT) / 1e3;
	}
	return 0;
}

static void print(const struct pktgen *p, const struct usage *used)
{
	__u64 end = p->last_sent_ns > p->last_reply_ns ? p->last_sent_ns
						       : p->last_reply_ns;

	printf("sent %llu replies %llu seconds %.6f user_us %.0f system_us %.0f softirq_us %.0f syscalls %llu p50_us %.1f p99_us %.1f p999_us %.1f\n",
	       p->sent, p->replies, (double)(end - p->start_ns) / 1e9,
	       used->user_us, used->system_us, used->softirq_us, p->syscalls,
	       percentile_us(p, 0.5), percentile_us(p, 0.99),
	       percentile_us(p, 0.999));
}

int main(int argc, char **argv)
{
	struct usage before, after, used;
	struct pktgen_kern *skel;
	__u8 frame[FRAME_MAX];
	static struct pktgen p;
	struct options o;

	parse(&o, argc, argv);
	make_request(frame, &o);
	skel = load(&o, frame);
	usage_read(&before, o.pid);
	run(skel, &o, frame);
	wait_for_replies(&skel->bss->pktgen);
	p = skel->bss->pktgen;
	usage_read(&after, o.pid);
	used = usage_since(&before, &after);
	print(&p, &used);
	return 0;
}
