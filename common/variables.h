/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Set variables of a BPF object before the object is loaded. --set can set an
 * integer or bool that the source declares const volatile.
 */
#ifndef VARIABLES_H
#define VARIABLES_H

#include <stdbool.h>
#include <linux/types.h>

struct bpf_object;

/*
 * variables_set - change the values of variables
 * @object: opened, not loaded yet
 * @filename: the object's name in messages
 * @settings: strings of the form "NAME=VALUE", up to the first NULL
 *
 * VALUE is decimal, or hexadecimal after 0x; a bool is 0 or 1. Return 0, or a
 * negative errno after printing the reason.
 */
int variables_set(struct bpf_object *object, const char *filename,
		  const char *const *settings);

/*
 * variables_set_mac - store a MAC address in the variable device_mac
 * @object: opened, not loaded yet
 *
 * Return false if the object has no variable device_mac of six bytes.
 */
bool variables_set_mac(struct bpf_object *object, const __u8 *mac);

#endif /* VARIABLES_H */
