// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/say.h"
#include "common/variables.h"

#define SECTION	  ".rodata" /* section of const variables */
#define DEPTH_MAX 32	    /* longest chain of typedefs and qualifiers */

struct variable {
	const char *name;
	void *at; /* address of the value */
	size_t size;
	__u64 max;
	__u64 min; /* absolute value of the lowest value */
};

/*
 * Return the integer type to which the type @id resolves, or NULL. BTF, the
 * object's description of its types, may lack a type or have a circle of types,
 * because the kernel has not checked the BTF yet. Set @is_volatile to true if
 * the variable is volatile. Setting a variable that is not volatile has no
 * effect, because the variable's value is compiled into the program's
 * instructions.
 */
static const struct btf_type *resolve(const struct btf *btf, __u32 id,
				      bool *is_volatile)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	int depth = 0;

	*is_volatile = false;
	while (type && (btf_is_mod(type) || btf_is_typedef(type))) {
		*is_volatile |= btf_is_volatile(type);
		type = depth++ < DEPTH_MAX ? btf__type_by_id(btf, type->type)
					   : NULL;
	}
	return type && btf_is_int(type) ? type : NULL;
}

/*
 * Return true if the integer lies in the section, is aligned, and has a size
 * that we support.
 */
static bool is_inside(__u32 offset, __u32 size, size_t section_size)
{
	return (size == 1 || size == 2 || size == 4 || size == 8) &&
	       offset % size == 0 && section_size >= size &&
	       offset <= section_size - size;
}

/* Fill in @var. Return false if the variable cannot be set. */
static bool read_variable(struct variable *var, const struct btf *btf,
			  const struct btf_var_secinfo *place, char *section,
			  size_t section_size)
{
	const struct btf_type *decl = btf__type_by_id(btf, place->type);
	const struct btf_type *type;
	bool is_volatile, is_signed;
	int encoding;

	type = resolve(btf, decl->type, &is_volatile);
	if (!type || !is_volatile ||
	    !is_inside(place->offset, type->size, section_size))
		return false;
	encoding = btf_int_encoding(type);
	is_signed = encoding & BTF_INT_SIGNED;
	var->name = btf__name_by_offset(btf, decl->name_off);
	var->at = section + place->offset;
	var->size = type->size;
	var->max = encoding & BTF_INT_BOOL
			   ? 1
			   : ~0ULL >> (64 - type->size * 8 + is_signed);
	var->min = is_signed ? var->max + 1 : 0;
	return true;
}

/*
 * find_variable - find the variable @name
 * @list: gets the names of all settable variables if @name is not among these
 */
static bool find_variable(struct variable *var, struct bpf_object *object,
			  const char *name, char *list, size_t list_size)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, SECTION);
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_var_secinfo *place;
	const struct btf_type *section;
	size_t size;
	char *values;
	int id;

	id = btf ? btf__find_by_name_kind(btf, SECTION, BTF_KIND_DATASEC) : 0;
	if (!map || id <= 0)
		return false;
	values = (char *)bpf_map__initial_value(map, &size); /* writable */
	if (!values)
		return false;
	section = btf__type_by_id(btf, (__u32)id);
	place = btf_var_secinfos(section);
	for (int i = 0; i < btf_vlen(section); i++, place++) {
		if (!read_variable(var, btf, place, values, size))
			continue;
		if (!strcmp(var->name, name))
			return true;
		say_append(list, list_size, " %s", var->name);
	}
	return false;
}

static bool parse_value(const char *text, bool *negative, __u64 *value)
{
	char *end;

	*negative = *text == '-';
	text += *negative;
	errno = 0;
	*value = strtoull(text, &end, strncmp(text, "0x", 2) ? 10 : 16);
	/* Refuse white space and a second sign, which strtoull() accepts. */
	return *text >= '0' && *text <= '9' && !*end;
}

static void write_value(const struct variable *var, __u64 value)
{
	switch (var->size) {
	case 1:
		*(__u8 *)var->at = (__u8)value;
		break;
	case 2:
		*(__u16 *)var->at = (__u16)value;
		break;
	case 4:
		*(__u32 *)var->at = (__u32)value;
		break;
	default:
		*(__u64 *)var->at = value;
	}
}

static int set(struct bpf_object *object, const char *filename,
	       const char *name, const char *text)
{
	struct variable var;
	char list[512] = "";
	bool negative;
	__u64 value;

	if (!find_variable(&var, object, name, list, sizeof(list)))
		return say_error(
			-ENOENT,
			"%s: the file has no variable %s that can be set\n"
			"  variables that can be set:%s; only a const volatile integer or bool can be set",
			filename, name, *list ? list : " none");
	if (!parse_value(text, &negative, &value))
		return say_error(
			-EINVAL,
			"%s: %s: '%s' is not a number\n"
			"  use a decimal number, or a hexadecimal number with 0x",
			filename, name, text);
	if (errno == ERANGE || value > (negative ? var.min : var.max))
		return say_error(-ERANGE,
				 "%s: %s: %s does not fit into the variable\n"
				 "  it takes %s%llu to %llu",
				 filename, name, text, var.min ? "-" : "",
				 var.min, var.max);
	write_value(&var, negative ? -value : value);
	return 0;
}

int variables_set(struct bpf_object *object, const char *filename,
		  const char *const *settings)
{
	for (; *settings; settings++) {
		const char *equals = strchr(*settings, '=');
		char *name = strndup(*settings, (size_t)(equals - *settings));
		int err = name ? set(object, filename, name, equals + 1)
			       : say_error(-ENOMEM, "%s: %s", filename,
					   strerror(ENOMEM));

		free(name);
		if (err)
			return err;
	}
	return 0;
}

/* Return a variable's address; NULL if no variable has this name and size. */
static void *find_bytes(struct bpf_object *object, const char *name,
			size_t size)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, SECTION);
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_var_secinfo *place;
	const struct btf_type *section;
	size_t room;
	char *values = map ? (char *)bpf_map__initial_value(map, &room) : NULL;
	int id = btf ? btf__find_by_name_kind(btf, SECTION, BTF_KIND_DATASEC)
		     : 0;

	if (!values || id <= 0)
		return NULL;
	section = btf__type_by_id(btf, (__u32)id);
	place = btf_var_secinfos(section);
	for (int i = 0; i < btf_vlen(section); i++, place++) {
		const struct btf_type *decl = btf__type_by_id(btf, place->type);

		if (!strcmp(btf__name_by_offset(btf, decl->name_off), name))
			return place->size == size && place->offset <= room &&
					       size <= room - place->offset
				       ? values + place->offset
				       : NULL;
	}
	return NULL;
}

bool variables_set_mac(struct bpf_object *object, const __u8 *mac)
{
	void *device_mac = find_bytes(object, "device_mac", ETH_ALEN);

	if (device_mac)
		memcpy(device_mac, mac, ETH_ALEN);
	return device_mac;
}
