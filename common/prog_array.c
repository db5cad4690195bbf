// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/libbpf.h>
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/prog_array.h"

/* An ELF file in memory. Each number in the file is checked before its use. */
struct elf {
	const char *at;
	size_t size;
};

/*
 * Return the address of @size bytes at @offset, or NULL if they exceed the file
 * or are unaligned.
 */
static const void *elf_bytes(const struct elf *elf, Elf64_Off offset,
			     size_t size)
{
	return offset <= elf->size && size <= elf->size - offset &&
			       offset % sizeof(__u64) == 0
		       ? elf->at + offset
		       : NULL;
}

static const char *elf_string(const struct elf *elf, const Elf64_Shdr *strings,
			      Elf64_Word at)
{
	Elf64_Off from = strings->sh_offset + at;

	if (at >= strings->sh_size || from >= elf->size ||
	    !memchr(elf->at + from, '\0', elf->size - from))
		return NULL;
	return elf->at + from;
}

static const Elf64_Shdr *elf_section(const struct elf *elf, Elf64_Word number)
{
	const Elf64_Ehdr *header = elf_bytes(elf, 0, sizeof(*header));

	if (!header || number >= header->e_shnum ||
	    header->e_shentsize != sizeof(Elf64_Shdr))
		return NULL;
	return elf_bytes(
		elf, header->e_shoff + (Elf64_Off)number * sizeof(Elf64_Shdr),
		sizeof(Elf64_Shdr));
}

/* Return true if these relocations belong to the section ".maps". */
static bool is_for_maps(const struct elf *elf, const Elf64_Shdr *relocations)
{
	const Elf64_Ehdr *header = elf_bytes(elf, 0, sizeof(*header));
	const Elf64_Shdr *maps = elf_section(elf, relocations->sh_info);
	const Elf64_Shdr *strings = elf_section(elf, header->e_shstrndx);
	const char *name;

	if (relocations->sh_type != SHT_REL || !maps || !strings)
		return false;
	name = elf_string(elf, strings, maps->sh_name);
	return name && !strcmp(name, ".maps");
}

/*
 * If a relocation refers to a program and not to a map, let libbpf load the
 * program.
 */
static void load_target(const struct elf *elf, struct bpf_object *object,
			const Elf64_Shdr *symbols, const Elf64_Rel *relocation)
{
	Elf64_Off at = ELF64_R_SYM(relocation->r_info) * sizeof(Elf64_Sym);
	const Elf64_Shdr *strings = elf_section(elf, symbols->sh_link);
	const Elf64_Sym *symbol =
		elf_bytes(elf, symbols->sh_offset + at, sizeof(*symbol));
	struct bpf_program *program;
	const char *name;

	if (!strings || !symbol || ELF64_ST_TYPE(symbol->st_info) != STT_FUNC)
		return;
	name = elf_string(elf, strings, symbol->st_name);
	program = name ? bpf_object__find_program_by_name(object, name) : NULL;
	if (program)
		bpf_program__set_autoload(program, true);
}

/*
 * Let libbpf load the programs that are initial values of maps' entries. Each
 * such value has a relocation, which belongs to the section ".maps".
 */
static void load_targets(const struct elf *elf, struct bpf_object *object)
{
	const Elf64_Shdr *section, *symbols;

	for (Elf64_Word i = 0; (section = elf_section(elf, i)); i++) {
		size_t n = section->sh_size / sizeof(Elf64_Rel);
		const Elf64_Rel *relocation =
			elf_bytes(elf, section->sh_offset, section->sh_size);

		symbols = elf_section(elf, section->sh_link);
		if (!relocation || !symbols || !is_for_maps(elf, section))
			continue;
		for (; n; n--, relocation++)
			load_target(elf, object, symbols, relocation);
	}
}

void prog_array_load_targets(struct bpf_object *object, const char *filename)
{
	int fd = open(filename, O_RDONLY | O_CLOEXEC);
	struct elf elf = { MAP_FAILED, 0 };
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && st.st_size > 0) {
		elf.size = (size_t)st.st_size;
		elf.at = mmap(NULL, elf.size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	if (elf.at == MAP_FAILED)
		return;
	load_targets(&elf, object);
	munmap((void *)elf.at, elf.size);
}
