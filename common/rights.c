// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <cap-ng.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "common/rights.h"
#include "common/say.h"

static bool have(unsigned int capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
}

int rights_check(void)
{
	bool admin = have(CAP_SYS_ADMIN);
	bool raw = have(CAP_NET_RAW);
	bool net = have(CAP_NET_ADMIN) || admin;
	bool bpf = have(CAP_BPF) || admin;

	if (raw && net && bpf)
		return 0;
	return say_error(-EPERM,
			 "missing rights:%s%s%s\n  run it as root, with sudo",
			 raw ? "" : " CAP_NET_RAW", net ? "" : " CAP_NET_ADMIN",
			 bpf ? "" : " CAP_BPF");
}

void rights_raise_memlock(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (!setrlimit(RLIMIT_MEMLOCK, &limit))
		return;
	/* Up to the hard limit everybody may go. */
	if (!getrlimit(RLIMIT_MEMLOCK, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		(void)!setrlimit(RLIMIT_MEMLOCK, &limit);
	}
}
