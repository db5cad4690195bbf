// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <xdp/libxdp.h>

#include "common/libraries.h"
#include "common/say.h"

static int print_warnings(enum libbpf_print_level level, const char *fmt,
			  va_list args)
{
	return level == LIBBPF_WARN ? say_library(fmt, args) : 0;
}

static int print_all(enum libbpf_print_level level, const char *fmt,
		     va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : say_library(fmt, args);
}

static int print_xdp(enum libxdp_print_level level, const char *fmt,
		     va_list args)
{
	return level == LIBXDP_DEBUG ? 0 : say_library(fmt, args);
}

void libraries_verbose(bool verbose)
{
	libbpf_set_print(verbose ? print_all : NULL);
	libxdp_set_print(verbose ? print_xdp : NULL);
}

libbpf_print_fn_t libraries_warn(void)
{
	return libbpf_set_print(print_warnings);
}
