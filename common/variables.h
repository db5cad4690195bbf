/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a user may set in a BPF object before it is loaded: each integer or bool
 * that its source declares const volatile.
 */
#ifndef VARIABLES_H
#define VARIABLES_H

struct bpf_object;

/*
 * variables_set - give variables other values than the source did
 * @object: opened, not loaded yet
 * @filename: what to call it when something is wrong
 * @settings: "NAME=VALUE" each, up to the first NULL
 *
 * VALUE is decimal, or hexadecimal behind 0x; a bool is 0 or 1. Returns 0, or a
 * negative errno after having said what is wrong.
 */
int variables_set(struct bpf_object *object, const char *filename,
		  const char *const *settings);

#endif /* VARIABLES_H */
