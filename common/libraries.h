/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Print or hide the messages of libbpf and libxdp. */
#ifndef LIBRARIES_H
#define LIBRARIES_H

#include <bpf/libbpf.h>
#include <stdbool.h>

/*
 * libraries_verbose - print or hide the messages of libbpf and libxdp
 * @verbose: true: print all messages except debug messages; false: print none
 */
void libraries_verbose(bool verbose);

/*
 * libraries_warn - let libbpf print its warnings, to explain an error
 *
 * Return the previous print function, which libbpf_set_print() can restore.
 */
libbpf_print_fn_t libraries_warn(void);

#endif /* LIBRARIES_H */
