// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/attach.h"
#include "common/libraries.h"
#include "common/limits.h"
#include "common/prog_array.h"
#include "common/say.h"
#include "common/variables.h"
#include "common/xdp_prog.h"
#include "headers/af_xdp_shared.h"

#define MAP_NAME    "xsks_map"
#define COUNTS_NAME "queue_counts"
#ifndef BPF_F_XDP_DEV_BOUND_ONLY /* kernel 6.3 */
#define BPF_F_XDP_DEV_BOUND_ONLY (1U << 6)
#endif
#define COUNTS_SIZE (MAX_QUEUES * sizeof(struct queue_counts))

/* common/built_in.S */
extern const char built_in[], built_in_end[];

static const char *source_name(const struct xdp_prog_source *source)
{
	return source->filename ? source->filename : "built-in XDP program";
}

static ssize_t read_header(const char *filename, Elf64_Ehdr *header)
{
	/* O_NONBLOCK: do not wait for the writer of a FIFO. */
	int fd = open(filename, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, header, sizeof(*header));
	if (n < 0)
		n = -errno;
	close(fd);
	return n;
}

/*
 * Check that the file is a BPF object. libbpf's errors for other files do not
 * name the cause: EINVAL, or a number that only libbpf knows.
 */
static int check_file(const char *filename)
{
	Elf64_Ehdr header = { 0 };
	ssize_t n = read_header(filename, &header);

	if (n < 0)
		return say_error(
			(int)n, "%s: %s%s", filename, strerror((int)-n),
			n == -ENOENT || n == -EISDIR
				? "\n  --filename takes an object file, such as af_xdp_kern.o, which 'make' builds"
				: "");
	if (n == sizeof(header) && !memcmp(header.e_ident, ELFMAG, SELFMAG) &&
	    header.e_machine == EM_BPF)
		return 0;
	return say_error(-ENOEXEC,
			 "%s: not %s object\n"
			 "  compile it as 'make' compiles af_xdp_kern.c",
			 filename,
			 memcmp(header.e_ident, ELFMAG, SELFMAG) ? "an ELF"
								 : "a BPF");
}

static struct bpf_object *open_object(const struct xdp_prog_source *source)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "af_xdp_user");

	if (source->filename)
		return bpf_object__open_file(source->filename, NULL);
	return bpf_object__open_mem(built_in, built_in_end - built_in, &opts);
}

/*
 * Choose the XDP program that the user asked for. Load only this program, and
 * programs to which maps refer, because other programs of the file may need
 * features that this kernel lacks.
 */
static struct bpf_program *choose_program(struct bpf_object *object,
					  const char *filename,
					  const char *name)
{
	struct bpf_program *program, *chosen = NULL;

	bpf_object__for_each_program(program, object) {
		/*
		 * Programs in SEC("xdp/devmap") and similar sections also have
		 * type XDP.
		 */
		bool fits =
			bpf_program__type(program) == BPF_PROG_TYPE_XDP &&
			bpf_program__expected_attach_type(program) == BPF_XDP &&
			(!name || !strcmp(bpf_program__name(program), name));

		bpf_program__set_autoload(program, fits && !chosen);
		if (fits && !chosen)
			chosen = program;
	}
	if (chosen && filename)
		prog_array_load_targets(object, filename);
	return chosen;
}

static int say_no_program(struct bpf_object *object,
			  const struct xdp_prog_source *source)
{
	struct bpf_program *program;
	char list[512] = "";

	bpf_object__for_each_program(program, object)
		say_append(list, sizeof(list), " %s in SEC(\"%s\")",
			   bpf_program__name(program),
			   bpf_program__section_name(program));
	return say_error(-ENOENT,
			 "%s: the file has no XDP program%s%s\n"
			 "  its programs:%s%s",
			 source->filename, source->progname ? " named " : "",
			 source->progname ? source->progname : "",
			 *list ? list : " none",
			 source->progname
				 ? ""
				 : "; an XDP program must be in SEC(\"xdp\")");
}

static int say_no_map(struct bpf_object *object, const char *filename)
{
	const struct bpf_map *map;
	char list[512] = "";

	bpf_object__for_each_map(map, object)
		if (!bpf_map__is_internal(map))
			say_append(list, sizeof(list), " %s (%s)",
				   bpf_map__name(map),
				   libbpf_bpf_map_type_str(bpf_map__type(map)));
	return say_error(
		-ENOENT,
		"%s: no map " MAP_NAME " of type xskmap in the file\n"
		"  maps in the file:%s; the socket goes into " MAP_NAME,
		filename, *list ? list : " none");
}

/*
 * Find xsks_map, which must have the right type, and make it large enough for
 * all queues.
 */
static struct bpf_map *choose_map(struct bpf_object *object, __u32 queues)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, MAP_NAME);

	if (!map || bpf_map__type(map) != BPF_MAP_TYPE_XSKMAP)
		return NULL;
	if (bpf_map__max_entries(map) < queues)
		bpf_map__set_max_entries(map, queues);
	return map;
}

/*
 * Make libbpf load the program for one device only, by the flag
 * BPF_F_XDP_DEV_BOUND_ONLY (Linux 6.3).
 */
static void load_for_device(struct bpf_program *program, int ifindex)
{
	if (!ifindex)
		return;
	bpf_program__set_ifindex(program, (__u32)ifindex);
	bpf_program__set_flags(program, bpf_program__flags(program) |
						BPF_F_XDP_DEV_BOUND_ONLY);
}

/*
 * Load the program again, and print libbpf's warnings. Without --verbose, the
 * first attempt was silent, because warnings are useful only after an error.
 */
static void load_aloud(const struct xdp_prog_source *source)
{
	libbpf_print_fn_t before = libraries_warn();
	struct bpf_object *object = open_object(source);
	struct bpf_program *program = object ? choose_program(object,
							      source->filename,
							      source->progname)
					     : NULL;

	if (program &&
	    !variables_set(object, source->filename, source->settings)) {
		load_for_device(program, source->ifindex);
		if (source->mac)
			variables_set_mac(object, source->mac);
		bpf_object__load(object);
	}
	bpf_object__close(object);
	libbpf_set_print(before);
}

/* The initial user namespace has a fixed inode number, PROC_USER_INIT_INO. */
static bool in_user_namespace(void)
{
	struct stat st;

	return !stat("/proc/self/ns/user", &st) && st.st_ino != 0xEFFFFFFDU;
}

/*
 * Explain why the kernel returns EPERM to a process that has the capabilities.
 * Capabilities that belong to a user namespace do not allow loading a program.
 */
static int say_load_denied(int err, const struct xdp_prog_source *source)
{
	return say_error(
		err,
		"%s: the kernel does not let us load BPF programs: %s\n"
		"  %s",
		source_name(source), strerror(-err),
		in_user_namespace()
			? "loading needs CAP_BPF and CAP_NET_ADMIN on the host, not in a user namespace"
			: "forbidden by a security module, a seccomp filter, kernel lockdown or, before Linux 5.11, the limit of locked memory (ulimit -l)");
}

/*
 * Return true if the file has no BTF. libbpf reports this as ENOENT (up to
 * version 1.2) or as ENODATA.
 */
static bool lacks_btf(const char *filename)
{
	struct btf *btf = filename ? btf__parse_elf(filename, NULL) : NULL;
	int err = errno;

	btf__free(btf);
	return filename && !btf && (err == ENOENT || err == ENODATA);
}

/* Return true if the program has an atomic operation that returns a value. */
static bool has_fetch(const struct bpf_program *program)
{
	const struct bpf_insn *insn = bpf_program__insns(program);
	size_t count = bpf_program__insn_cnt(program);

	for (size_t i = 0; i < count; i++) {
		if (BPF_CLASS(insn[i].code) == BPF_STX &&
		    BPF_MODE(insn[i].code) == BPF_ATOMIC &&
		    (insn[i].imm & BPF_FETCH))
			return true;
	}
	return false;
}

/*
 * Return true if the kernel loads a short program with this atomic operation.
 */
static bool loads_atomic(int operation)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 },
		{ .code = BPF_STX | BPF_ATOMIC | BPF_DW,
		  .dst_reg = 10,
		  .off = -8,
		  .imm = operation },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, NULL, "GPL", insns,
			       sizeof(insns) / sizeof(*insns), NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/*
 * Explain why @program could not be loaded. @program is NULL if the file could
 * not be opened.
 */
static int say_load_error(int err, const struct xdp_prog_source *source,
			  const struct bpf_program *program)
{
	bool no_btf = !program && lacks_btf(source->filename);

	if (err == -EMFILE)
		return limits_say_files(1);
	if (program && err != -EPERM && has_fetch(program) &&
	    loads_atomic(BPF_ADD) && !loads_atomic(BPF_ADD | BPF_FETCH))
		return say_error(
			err,
			"%s: %s needs Linux 5.12, for atomic operations that return a value: boot a newer kernel, or choose another XDP program",
			source_name(source), bpf_program__name(program));
	load_aloud(source);
	if (err == -EPERM)
		return say_load_denied(err, source);
	if (no_btf)
		return say_error(
			err,
			"%s: has no BTF, which libbpf needs to find the file's maps\n"
			"  compile it with -g, as make does",
			source->filename);
	return say_error(err,
			 "%s: does not load (error %d)\n"
			 "  libbpf or the verifier gives the reason above",
			 source_name(source), -err);
}

/*
 * Return true for a map of type xskmap. If @fd is the descriptor of a program,
 * the kernel writes the program's type into info.type, and
 * BPF_PROG_TYPE_RAW_TRACEPOINT has the same number as BPF_MAP_TYPE_XSKMAP. To
 * detect such a program, also ask for a key, because only a map has keys.
 */
static bool is_xskmap(int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info), key;

	return !bpf_obj_get_info_by_fd(fd, &info, &len) &&
	       info.type == BPF_MAP_TYPE_XSKMAP &&
	       !bpf_map_get_next_key(fd, NULL, &key);
}

/*
 * Open the map of --xsks-map. The map and the XDP program that uses it belong
 * to another process. Check that the pinned object is a map of type xskmap.
 */
static int borrow_map(struct xdp_prog *prog, const char *path)
{
	prog->map_fd = bpf_obj_get(path);
	if (prog->map_fd < 0)
		return say_error(
			-errno,
			"%s: %s\n"
			"  %s",
			path, strerror(errno),
			errno == EPERM || errno == EACCES
				? "opening a pinned map needs the right to read and write its file and, before Linux 5.19, CAP_BPF"
				: "--xsks-map takes the path of a pinned map; bpftool map pin can pin a map");
	if (!is_xskmap(prog->map_fd))
		return say_error(-EINVAL,
				 "%s: no map of type xskmap\n"
				 "  see bpftool map show pinned %s",
				 path, path);
	return 0;
}

static int read_id(struct xdp_prog *prog)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(prog->fd, &info, &len))
		return -errno;
	prog->id = info.id;
	return 0;
}

/*
 * Map the counts of the built-in program into memory. If that fails, return
 * NULL, and the hints read the device's counters instead.
 */
static const struct queue_counts *map_counts(struct bpf_object *object)
{
	int fd = bpf_object__find_map_fd_by_name(object, COUNTS_NAME);
	void *counts = mmap(NULL, COUNTS_SIZE, PROT_READ, MAP_SHARED, fd, 0);

	return counts == MAP_FAILED ? NULL : counts;
}

/*
 * Store the device's MAC address in the variable device_mac, if the program has
 * this variable.
 */
static void set_mac(struct xdp_prog *prog, const __u8 *mac)
{
	if (!mac || !variables_set_mac(prog->object, mac))
		return;
	prog->knows_mac = true;
	memcpy(prog->mac, mac, sizeof(prog->mac));
}

int xdp_prog_open(struct xdp_prog *prog, const struct xdp_prog_source *source,
		  __u32 queues)
{
	struct bpf_program *program;
	struct bpf_map *map;
	int err;

	*prog = (struct xdp_prog){ .link_fd = -1, .info_fd = -1 };
	if (source->xsks_map)
		return borrow_map(prog, source->xsks_map);
	err = source->filename ? check_file(source->filename) : 0;
	if (err)
		return err;

	prog->object = open_object(source);
	if (!prog->object)
		return say_load_error(-errno, source, NULL);
	program = choose_program(prog->object, source->filename,
				 source->progname);
	if (!program)
		return say_no_program(prog->object, source);
	map = choose_map(prog->object, queues);
	if (!map)
		return say_no_map(prog->object, source->filename);
	err = variables_set(prog->object, source->filename, source->settings);
	if (err)
		return err;
	set_mac(prog, source->mac);
	load_for_device(program, source->ifindex);
	err = bpf_object__load(prog->object);
	if (err)
		return say_load_error(err, source, program);

	snprintf(prog->name, sizeof(prog->name), "%s",
		 bpf_program__name(program));
	prog->fd = bpf_program__fd(program);
	prog->map_fd = bpf_map__fd(map);
	prog->counts = source->filename ? NULL : map_counts(prog->object);
	err = read_id(prog);
	if (err)
		say_error(err, "%s: reading the program's id: %s",
			  source_name(source), strerror(-err));
	return err;
}

int xdp_prog_add_socket(struct xdp_prog *prog, __u32 queue, int fd)
{
	int err = bpf_map_update_elem(prog->map_fd, &queue, &fd, BPF_NOEXIST);

	if (err == -EEXIST)
		return say_error(
			err,
			"xsks_map: the map already has a socket for queue %u\n"
			"  end the process that put this socket into the map",
			queue);
	if (err == -E2BIG)
		return say_error(
			err,
			"xsks_map: the map has no entry for queue %u\n"
			"  max_entries of the map must be at least the number of RX queues",
			queue);
	return err ? say_error(err, "xsks_map: queue %u: %s", queue,
			       strerror(-err))
		   : 0;
}

void xdp_prog_remove_socket(struct xdp_prog *prog, __u32 queue)
{
	if (!prog->object)
		bpf_map_delete_elem(prog->map_fd, &queue);
}

void xdp_prog_close(struct xdp_prog *prog)
{
	attach_undo(prog);
	if (prog->counts)
		munmap((void *)prog->counts, COUNTS_SIZE);
	if (!prog->object && prog->map_fd > 0)
		close(prog->map_fd);
	bpf_object__close(prog->object);
	*prog = (struct xdp_prog){ 0 };
}
