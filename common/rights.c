// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/rights.h"
#include "common/say.h"

static bool have(unsigned int capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
}

/*
 * Return true if the kernel lets us make xsks_map. Before Linux 6.9 this needs
 * CAP_NET_ADMIN, which CAP_SYS_ADMIN does not replace.
 */
static bool can_make_map(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_XSKMAP, NULL, sizeof(int),
				sizeof(int), 1, NULL);

	if (fd >= 0)
		close(fd);
	return fd != -EPERM;
}

int rights_check(bool borrows)
{
	bool admin = have(CAP_SYS_ADMIN);
	bool raw = have(CAP_NET_RAW);
	bool net = borrows || have(CAP_NET_ADMIN) || (admin && can_make_map());
	bool bpf = borrows || have(CAP_BPF) || admin;

	if (raw && net && bpf)
		return 0;
	return say_error(
		-EPERM, "missing rights:%s%s%s\n  %s",
		raw ? "" : " CAP_NET_RAW", net ? "" : " CAP_NET_ADMIN",
		bpf ? "" : " CAP_BPF",
		geteuid()
			? "run this program as root, with sudo"
			: "root lacks them here: a container gets them by --cap-add, a service by CapabilityBoundingSet");
}

/*
 * Parse an ID. Refuse the greatest 32-bit number, because setresuid() would
 * then keep the current user.
 */
static bool parse_id(const char *text, unsigned int *id)
{
	unsigned long n;

	if (!text || !*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	n = strtoul(text, NULL, 10);
	*id = (unsigned int)n;
	return !errno && n < UINT32_MAX;
}

/*
 * Find the user and group that the process must become. Trust SUDO_UID and
 * SUDO_GID only in root's environment.
 */
static int find_user(uid_t *uid, gid_t *gid)
{
	const char *sudo_uid = getenv("SUDO_UID");
	const char *sudo_gid = getenv("SUDO_GID");

	*uid = getuid();
	*gid = getgid();
	if (*uid || (!sudo_uid && !sudo_gid))
		return 0;
	if (parse_id(sudo_uid, uid) && parse_id(sudo_gid, gid))
		return 0;
	return say_error(
		-EINVAL,
		"SUDO_UID=%s, SUDO_GID=%s: these are not IDs of a user and a group\n"
		"  sudo sets these variables; unset both to stay root",
		sudo_uid ? sudo_uid : "", sudo_gid ? sudo_gid : "");
}

static int become(uid_t uid, gid_t gid)
{
	bool changes = uid != geteuid() || gid != getegid();

	if ((changes || have(CAP_SETGID)) && setgroups(0, NULL))
		return -errno;
	if (setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return -errno;
	/*
	 * The process will read other users' packets, so it must not dump core,
	 * and unprivileged processes must not inspect it. A change of user
	 * clears the dumpable flag only if fs.suid_dumpable is 0, and
	 * capabilities protect the process only until they are dropped.
	 */
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ? -errno : 0;
}

/*
 * Call this before become(), because a change of user takes CAP_SETPCAP away
 * from root.
 */
static int drop_bounding_set(void)
{
	bool may = have(CAP_SETPCAP);

	capng_clear(CAPNG_SELECT_BOUNDS);
	return may ? capng_apply(CAPNG_SELECT_BOUNDS) : 0;
}

/* Drop all capabilities; the kernel clears the ambient set, too. */
static int drop_capabilities(void)
{
	capng_clear(CAPNG_SELECT_CAPS);
	return capng_apply(CAPNG_SELECT_CAPS);
}

int rights_drop(void)
{
	uid_t uid;
	gid_t gid;
	int err = find_user(&uid, &gid);

	if (err)
		return err;
	if (drop_bounding_set())
		return say_error(-EPERM, "bounding set: it cannot be dropped\n"
					 "  --no-sandbox keeps it");
	err = become(uid, gid);
	if (err)
		return say_error(
			err,
			"becoming user %u, group %u: %s\n"
			"  this needs CAP_SETUID and CAP_SETGID; unset SUDO_UID and SUDO_GID to stay root, or use --no-sandbox",
			uid, gid, strerror(-err));
	if (drop_capabilities())
		return say_error(-EPERM,
				 "capabilities: they cannot be dropped\n"
				 "  --no-sandbox keeps them");
	return 0;
}
