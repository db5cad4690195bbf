/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * List the devices of this network namespace, and find the devices below and
 * above a device.
 */
#ifndef LINKS_H
#define LINKS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct nlmsghdr;

struct link {
	int index;
	int lower;     /* index of the device below, or of the peer; or 0 */
	int master;    /* index of its bridge, bond or the like; or 0 */
	bool is_above; /* the device below is in this network namespace */
	bool is_apart; /* the device below is in another network namespace */
	bool is_l3s;   /* an ipvlan in mode L3S */
	bool forwards; /* the kernel forwards IPv6 packets that arrive here */
	__u16 type;    /* ARPHRD_... */
	__u32 rx_queues, tx_queues; /* queues allocated */
	char name[IFNAMSIZ];
	char kind[16]; /* "veth", "bond", ...; empty for most hardware */
};

struct links {
	struct link *list;
	__u32 n, room; /* used and allocated length of the list */
};

/*
 * links_read - read the list of devices
 *
 * Return 0 or a negative errno. Call links_free() in both cases.
 */
int links_read(struct links *links);
void links_free(struct links *links);

/*
 * links_update - add, change or remove a device, as a message of rtnetlink says
 *
 * This function allocates no memory, because packets may be waiting. The list
 * has room for 64 new devices; further devices are ignored.
 */
void links_update(struct links *links, const struct nlmsghdr *message);

/* links_index - return the index of the device with this altname, or -ENODEV */
int links_index(const char *altname);

/* links_find - return the device with this index, or NULL */
const struct link *links_find(const struct links *links, int index);

/*
 * links_ports - list the names of a device's ports: " eth1 eth2"
 *
 * Return the number of ports.
 */
__u32 links_ports(const struct links *links, int index, char *names,
		  size_t size);

/*
 * links_above - list the names of the devices on top of a device: " br0"
 *
 * Such devices are the bridge or bond that has the device as a port, and the
 * VLANs, macvlans and tunnels on the device. Their packets arrive through the
 * device.
 *
 * Return the number of names.
 */
__u32 links_above(const struct links *links, int index, char *names,
		  size_t size);

/*
 * links_is_upper - return true if @link is directly above the device @index
 *
 * A tunnel does not count, because routes decide which device carries its
 * packets.
 */
bool links_is_upper(const struct links *links, int index,
		    const struct link *link);

/*
 * links_below - find the Ethernet device through which a device's packets
 * arrive
 *
 * Return NULL if this network namespace has no such device.
 */
const struct link *links_below(const struct links *links, int index);

/*
 * links_carries - return true if packets of device @upper come through @index
 *
 * That is so if @upper is @index itself, its bridge or bond, a VLAN or tunnel
 * on it, or a device above one of these.
 */
bool links_carries(const struct links *links, int index, int upper);

/* links_type_name - return the name of a link type, ARPHRD_... */
const char *links_type_name(__u16 type);

#endif /* LINKS_H */
