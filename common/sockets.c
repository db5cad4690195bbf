// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <glob.h>
#include <linux/sock_diag.h>
#include <linux/xdp_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/netlink.h"
#include "common/say.h"
#include "common/sockets.h"

struct listing {
	__u32 index;
	char *list; /* NULL: do not list the sockets, only count them */
	size_t size;
	__u32 first, queues;
	int n;
};

/* Find the first process that has the socket. Return false if none is found. */
static bool find_process(__u32 inode, char *name, size_t size, int *pid)
{
	char wanted[32], target[64], path[64];
	glob_t files;
	bool found = false;
	FILE *f;

	snprintf(wanted, sizeof(wanted), "socket:[%u]", inode);
	if (glob("/proc/[0-9]*/fd/*", GLOB_NOSORT, NULL, &files))
		return false;
	for (size_t i = 0; !found && i < files.gl_pathc; i++) {
		ssize_t n =
			readlink(files.gl_pathv[i], target, sizeof(target) - 1);

		target[n < 0 ? 0 : n] = '\0';
		found = !strcmp(target, wanted) &&
			sscanf(files.gl_pathv[i], "/proc/%d", pid) == 1;
	}
	globfree(&files);
	if (!found)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/comm", *pid);
	f = fopen(path, "re");
	if (!f || !fgets(name, (int)size, f))
		snprintf(name, size, "?");
	name[strcspn(name, "\n")] = '\0';
	if (f)
		fclose(f);
	return true;
}

static void take_socket(const struct nlmsghdr *message, void *context)
{
	const struct xdp_diag_msg *socket = NLMSG_DATA(message);
	const struct xdp_diag_info *info =
		netlink_find(netlink_attributes(message, sizeof(*socket)),
			     XDP_DIAG_INFO, sizeof(*info));
	struct listing *listing = context;
	char name[64];
	int pid;

	if (!info || info->ifindex != listing->index)
		return;
	if (!listing->list) {
		listing->n += info->queue_id - listing->first < listing->queues;
		return;
	}
	listing->n++;
	say_append(listing->list, listing->size, " %u", info->queue_id);
	if (find_process(socket->xdiag_ino, name, sizeof(name), &pid))
		say_append(listing->list, listing->size, " (%s, %d)", name,
			   pid);
}

static int ask(struct listing *listing)
{
	const struct xdp_diag_req request = {
		.sdiag_family = AF_XDP,
		.xdiag_show = XDP_SHOW_INFO,
	};
	int err = netlink_list(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, &request,
			       sizeof(request), take_socket, listing);

	return err ? err : listing->n;
}

int sockets_list(int ifindex, char *list, size_t size)
{
	return ask(&(struct listing){
		.index = (__u32)ifindex, .list = list, .size = size });
}

int sockets_on(int ifindex, __u32 first, __u32 queues)
{
	return ask(&(struct listing){
		.index = (__u32)ifindex, .first = first, .queues = queues });
}
