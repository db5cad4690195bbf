// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * link PIN DEVICE: make a bpf_link that attaches the XDP program pinned at PIN,
 * and keep the link until a signal ends this process.
 */
#include <bpf/bpf.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 3 ||
	    bpf_link_create(bpf_obj_get(argv[1]), (int)if_nametoindex(argv[2]),
			    BPF_XDP, NULL) < 0)
		return 1;
	puts("attached");
	fflush(stdout);
	pause();
}
