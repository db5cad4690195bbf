/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Find the targets of tail calls: programs that are values in an object's maps.
 */
#ifndef PROG_ARRAY_H
#define PROG_ARRAY_H

struct bpf_object;

/*
 * prog_array_load_targets - make libbpf also load the targets of tail calls
 * @object: opened from @filename, not loaded yet
 *
 * A map of type PROG_ARRAY can have initial values in its source (.values =
 * ...), each a program of the same object. libbpf puts these programs into the
 * map when it loads the object, and fails with EBADF if one of them is not
 * loaded.
 */
void prog_array_load_targets(struct bpf_object *object, const char *filename);

#endif /* PROG_ARRAY_H */
