/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The built-in XDP program: the object file compiled from default_kern.c. */
	.section .rodata
	.balign 8
	.globl built_in, built_in_end
built_in:
	.incbin BUILT_IN
built_in_end:
	.section .note.GNU-stack, "", %progbits
