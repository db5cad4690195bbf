// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Attach an XDP program as xdp-loader does, by libxdp's dispatcher, and leave it
 * attached and pinned: dispatcher DEVICE OBJECT PROGRAM
 */
#include <net/if.h>
#include <stdio.h>
#include <xdp/libxdp.h>

int main(int argc, char **argv)
{
	struct xdp_program *program;
	int err;

	if (argc != 4)
		return 2;
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	DECLARE_LIBXDP_OPTS(xdp_program_opts, xdp_opts, 0,
			    .open_filename = argv[2], .prog_name = argv[3],
			    .opts = &opts);
	program = xdp_program__create(&xdp_opts);
	err = (int)libxdp_get_error(program);
	if (!err)
		err = xdp_program__attach(program, (int)if_nametoindex(argv[1]),
					  XDP_MODE_SKB, 0);
	if (err)
		fprintf(stderr, "dispatcher: %d\n", err);
	return err ? 1 : 0;
}
