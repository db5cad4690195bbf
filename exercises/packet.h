/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The grader's packets: build echo requests and datagrams, build the right
 * replies, and compare a learner's reply with the right one.
 */
#ifndef PACKET_H
#define PACKET_H

#include <linux/if_ether.h>

#define PACKET_MAX	2048
#define DATA		56 /* bytes of data, as in ping's requests */
#define HOP_LIMIT_ASKED 57
#define FLOW_LABEL	0x1234
#define DATA_MARK	"af_xdp!"

struct packet {
	unsigned char byte[PACKET_MAX];
	int len;
	int tags; /* length of the VLAN tags, in bytes */
};

/* Bit numbers for the arguments that are called "fields". */
enum {
	ETH_DESTINATION,
	ETH_SOURCE,
	TYPE_OF_PAYLOAD,
	CLASS,
	PAYLOAD_LENGTH,
	NEXT_HEADER,
	HOP_LIMIT,
	IP_SOURCE,
	IP_DESTINATION,
	ICMP_TYPE,
	ICMP_CODE,
	ICMP_CHECKSUM,
	IDENTIFIER,
	SEQUENCE,
	ICMP_DATA,
	TAGS,
	FIELDS
};

#define ALL_FIELDS ((1U << FIELDS) - 1)

/* A request, the reply that it must get, and the reply that it got. */
struct answer {
	struct packet asked;
	struct packet wanted;
	struct packet came;
};

extern unsigned char here_mac[6];
extern unsigned char inside_mac[6];

void put16(unsigned char *at, unsigned int value);
unsigned int get16(const unsigned char *at);
int ip_at(const struct packet *p);
int icmp_at(const struct packet *p);

/*
 * Build a request. @tags: a letter for each VLAN tag, "q" for 802.1Q, "a" for
 * 802.1ad, in the order of the tags
 */
struct packet request(const char *tags, int data, unsigned int sequence);
struct packet reply_to(const struct packet *request);
void put_icmp_checksum(struct packet *p);

/*
 * Return the one's complement sum of the bytes that the checksum of ICMPv6 or
 * UDP covers.
 */
unsigned int payload_sum(const struct packet *p, unsigned int next_header);

/* Build a UDP datagram to the echo service, or the right reply to it. */
struct packet datagram(int data);
struct packet datagram_reply(const struct packet *datagram);

/*
 * Return the name of the field at an offset in a packet. @tags: length of the
 * VLAN tags, in bytes
 */
const char *field_name_at(int offset, int tags);

/*
 * Print each of the @fields in which the learner's reply differs from the right
 * one. Return 1 if a field or the length differs, else 0.
 */
int compare(const struct answer *a, unsigned int fields);

/* Return the fields to be judged in a reply with these tags. */
unsigned int fields_of_interest(const char *tags);

#endif /* PACKET_H */
