// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/counters.h"
#include "common/device.h"

/*
 * Names that drivers give to the counters of queue %u. sscanf() sets %n only if
 * all the text before %n matches. The names of COUNTER_PACKETS belong to these
 * drivers, in the order of the names: igb, ixgbe, ice, virtio_net before Linux
 * 6.10 | veth | i40e, iavf | mlx5, virtio_net since Linux 6.10 | ena | gve |
 * sfc.
 */
static const char *const names[COUNTER_KINDS][8] = {
	[COUNTER_PACKETS] = { "rx_queue_%u_packets%n",
			      "rx_queue_%u_xdp_packets%n", "rx-%u.packets%n",
			      "rx%u_packets%n", "queue_%u_rx_cnt%n",
			      "rx_packets[%u]%n", "rx-%u.rx_packets%n" },
	[COUNTER_DROPS] = { "rx_queue_%u_drops%n" },
	[COUNTER_XDP_DROPS] = { "rx_queue_%u_xdp_drops%n", "rx%u_xdp_drops%n",
				"rx%u_xdp_drop%n", "queue_%u_rx_xdp_drop%n",
				"rx_xdp_drop[%u]%n", "rx-%u.rx_xdp_drops%n" },
};

/*
 * If the device has n counters now, allocate memory for 2n + MOST counters,
 * because the device may get more counters later. Memory that is never touched
 * costs nothing.
 */
#define MOST 65536

/*
 * Return the queue whose counter has this name, or -1 if no counter of this
 * kind has this name.
 */
static int queue_of(const char *name, enum counter kind)
{
	for (int i = 0; i < 8 && names[kind][i]; i++) {
		unsigned int queue;
		int end = 0;

		if (sscanf(name, names[kind][i], &queue, &end) == 1 && end &&
		    !name[end])
			return (int)queue;
	}
	return -1;
}

static void learn_name(struct counters *counters, __u32 i, const char *name)
{
	char whole[ETH_GSTRING_LEN + 1] = "";

	memcpy(whole, name, ETH_GSTRING_LEN);
	for (int kind = 0; kind < COUNTER_KINDS; kind++) {
		int queue = queue_of(whole, kind);

		if (queue >= 0 && (__u32)queue < counters->queues)
			counters->places[queue][kind] = (int)i;
	}
}

static __u32 count_names(const struct device *dev)
{
	/*
	 * Each bit of sset_mask asks for one list of names. The kernel writes
	 * the length of each such list after the struct.
	 */
	union {
		struct ethtool_sset_info info;
		__u32 word[sizeof(struct ethtool_sset_info) / 4 + 1];
	} set = { .info = { .cmd = ETHTOOL_GSSET_INFO,
			    .sset_mask = 1ULL << ETH_SS_STATS } };

	if (device_ethtool(dev, &set) || !set.info.sset_mask)
		return 0;
	return set.info.data[0];
}

static int learn_names(struct counters *counters, const struct device *dev)
{
	__u32 n = count_names(dev);
	/*
	 * Allocate memory for more counters than there are now. Queues may be
	 * added before the next ioctl(), and older kernels write all counters,
	 * even if we ask for fewer.
	 */
	const size_t room = 2ULL * n + MOST;
	struct ethtool_gstrings *strings =
		calloc(1, sizeof(*strings) + room * ETH_GSTRING_LEN);

	counters->values =
		calloc(1, sizeof(*counters->values) + room * sizeof(__u64));
	if (!strings || !counters->values) {
		free(strings);
		return -ENOMEM;
	}
	strings->cmd = ETHTOOL_GSTRINGS;
	strings->string_set = ETH_SS_STATS;
	strings->len = n;
	if (n && !device_ethtool(dev, strings) && strings->len == n) {
		counters->n = n;
		for (__u32 i = 0; i < n; i++)
			learn_name(counters, i,
				   (char *)&strings
					   ->data[(size_t)i * ETH_GSTRING_LEN]);
	}
	free(strings);
	return 0;
}

int counters_open(struct counters *counters, const struct device *dev)
{
	int err;

	/*
	 * /proc/self/net always shows the network namespace of this process;
	 * /sys shows the namespace in which /sys was mounted.
	 */
	*counters = (struct counters){
		.received_fd = open("/proc/self/net/dev", O_RDONLY | O_CLOEXEC),
		.queues = dev->queues,
		.places = calloc(dev->queues, sizeof(int[COUNTER_KINDS])),
	};
	if (!counters->places)
		return -ENOMEM;
	for (__u32 i = 0; i < dev->queues; i++)
		for (int kind = 0; kind < COUNTER_KINDS; kind++)
			counters->places[i][kind] = -1;
	err = learn_names(counters, dev);
	if (!err)
		counters_read(counters, dev);
	return err;
}

void counters_close(struct counters *counters)
{
	if (counters->received_fd > 0)
		close(counters->received_fd);
	free(counters->places);
	free(counters->values);
	*counters = (struct counters){ 0 };
}

void counters_read(struct counters *counters, const struct device *dev)
{
	/*
	 * Check the number of counters first. If this number has changed,
	 * queues were added or removed, and the counters' positions have
	 * changed. In addition, older kernels write all counters, even if the
	 * buffer has room for fewer.
	 */
	counters->lost |= counters->n && count_names(dev) != counters->n;
	if (!counters->n || counters->lost) {
		counters->n = 0;
		return;
	}
	counters->values->cmd = ETHTOOL_GSTATS;
	counters->values->n_stats = counters->n;
	if (device_ethtool(dev, counters->values))
		counters->n = 0;
}

__u64 counters_queue(const struct counters *counters, enum counter kind,
		     __u32 queue)
{
	int place = -1;

	if (counters->n && queue < counters->queues)
		place = counters->places[queue][kind];
	return place < 0 ? 0 : counters->values->data[place];
}

/*
 * Read a device's totals from its line in /proc/net/dev. The line has eight
 * numbers for received packets and then eight for sent packets: " NAME: BYTES
 * PACKETS ERRORS DROPS ...". The number of packets that were not sent is the
 * sum of the second ERRORS and the second DROPS.
 */
static bool parse_line(const char *line, const char *name,
		       struct totals *totals)
{
	size_t n = strlen(name);
	__u64 errors, drops;

	line += strspn(line, " ");
	if (strncmp(line, name, n) != 0 || line[n] != ':')
		return false;
	if (sscanf(line + n + 1,
		   "%*u %llu %*u %*u %*u %*u %*u %*u %*u %*u %llu %llu",
		   &totals->received, &errors, &drops) != 3)
		return false;
	totals->unsent = errors + drops;
	return true;
}

bool counters_totals(const struct counters *counters, const struct device *dev,
		     struct totals *totals)
{
	char text[4096];
	off_t at = 0;
	ssize_t n;

	/*
	 * Parse only whole lines, and begin the next read after the last whole
	 * line.
	 */
	while ((n = pread(counters->received_fd, text, sizeof(text) - 1, at)) >
	       0) {
		char *line = text, *end;

		text[n] = '\0';
		while ((end = strchr(line, '\n'))) {
			if (parse_line(line, dev->name, totals))
				return true;
			line = end + 1;
		}
		if (line == text)
			break;
		at += line - text;
	}
	return false;
}
