# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make help lists the targets. V=1 shows the commands. SAN=1 builds with the
# address and undefined-behaviour sanitizers into build/san. WERROR=1 makes
# every warning an error. This is the default only if CI=true, because future
# compilers may have more warnings.

VERSION := 0.1
PREFIX  ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR  ?= $(PREFIX)/share/man
BASHDIR ?= $(PREFIX)/share/bash-completion/completions

CC         ?= cc
CLANG      ?= clang
PKG_CONFIG ?= pkg-config
WERROR     ?= $(filter true,$(CI))

# PACKAGES is a command that checks that all needed tools are installed. With
# --bpftool it prints the path of a bpftool that works. If BPFTOOL is set, it
# tries only that bpftool.
PACKAGES = CC='$(CC)' CLANG='$(CLANG)' PKG_CONFIG='$(PKG_CONFIG)' \
	$(if $(BPFTOOL),BPFTOOL='$(BPFTOOL)') testenv/packages.sh
WORKING_BPFTOOL = $$($(PACKAGES) --bpftool)

LIBS := libxdp libbpf libcap-ng libseccomp

# These targets make namespaces, so they need root.
ROOT_TARGETS := demo check check-mutants soak bench ladder modes check-distros

BUILD := build$(if $(SAN),/san)
Q     := $(if $(V),,@)
say    = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

CFLAGS   ?= -O2 -g
# Without __SANE_USERSPACE_TYPES__, some architectures define __u64 as long, not
# as long long.
DEFINES  := -D__SANE_USERSPACE_TYPES__ -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -I. -I$(BUILD) $(CPPFLAGS)
WARNINGS := -Wall -Wextra $(if $(WERROR),-Werror)
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all
SANITIZE := $(if $(SAN),$(SAN_FLAGS))
# Keep the absolute path of this tree out of the object files.
PREFIX_MAP  = "-ffile-prefix-map=$(CURDIR)=."
USER_CFLAGS = -std=gnu11 $(WARNINGS) $(SANITIZE) $(CFLAGS) $(PREFIX_MAP) \
	$(shell $(PKG_CONFIG) --cflags $(LIBS))
# Resolve library functions before main(), because resolving a function at its
# first call takes time, and 8 Kbytes of stack.
USER_LIBS   = $(shell $(PKG_CONFIG) --libs $(LIBS)) -Wl,-z,relro,-z,now
# Debian keeps asm/types.h in a directory that clang -target bpf does not
# search. CC, even a cross compiler, knows that directory, and the byte order of
# the kernel that will load the XDP program.
HASH       := \#
BPF_TARGET := $(if $(findstring 4321,$(shell echo __BYTE_ORDER__ | \
	$(CC) -E -P - 2>/dev/null)),bpfeb,bpfel)
ASM_DIR    := $(shell echo '$(HASH)include <asm/types.h>' | $(CC) -E - 2>/dev/null | \
	sed -n 's,^$(HASH) 1 "\(.*\)/asm/types.h".*,\1,p' | head -n 1)
BPF_CFLAGS  = -std=gnu11 $(WARNINGS) -O2 -g -target $(BPF_TARGET) -mcpu=v3 $(PREFIX_MAP) \
	-I. $(shell $(PKG_CONFIG) --cflags libbpf libxdp) \
	$(if $(ASM_DIR),-idirafter $(ASM_DIR))

COMMON  := $(filter-out %_kern,$(patsubst common/%.c,%,$(wildcard common/*.c)))
OBJECTS := $(COMMON:%=$(BUILD)/common/%.o) $(BUILD)/common/built_in.o
# With BUILD=DIRECTORY or SAN=1, put af_xdp_user and af_xdp_kern.o into the
# build directory. Otherwise put them into this directory.
OUT     := $(if $(filter build,$(BUILD)),,$(BUILD)/)
PROGRAM := $(OUT)af_xdp_user
KERN    := $(OUT)af_xdp_kern.o

.PHONY: all
all: $(PROGRAM) $(KERN) ## build the program and its XDP program (no root needed)

$(PROGRAM): $(BUILD)/af_xdp_user.o $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(USER_CFLAGS) $(LDFLAGS) -o $@ $^ $(USER_LIBS)

# The programs of the later lessons, lessons/*.org. README.org is the first
# lesson.
LESSONS := $(addprefix $(OUT)lessons/,forward jumbo latency)
.PHONY: lessons
lessons: $(LESSONS) ## build the programs that lessons/*.org explain

# These lessons' programs have their own built-in XDP program, not
# common/default_kern.c.
OWN_XDP := jumbo latency
$(OUT)lessons/forward: $(addprefix $(BUILD)/lessons/,forward.o pair.o \
		pair_options.o wire.o) $(OBJECTS)
$(OUT)lessons/jumbo: $(addprefix $(BUILD)/lessons/,jumbo.o jumbo_setup.o \
		lesson.o jumbo_built_in.o) $(filter-out %/built_in.o,$(OBJECTS))
$(OUT)lessons/latency: $(addprefix $(BUILD)/lessons/,latency.o latency_setup.o \
		latency_report.o histogram.o by_hand.o lesson.o latency_built_in.o) \
		$(filter-out %/built_in.o,$(OBJECTS))

$(LESSONS):
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) $(LDFLAGS) -o $@ $^ $(USER_LIBS)

$(BUILD)/%.o: %.c $(BUILD)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(DEFINES) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/common/built_in.o: common/built_in.S $(BUILD)/default_kern.o
	$(call say,AS,$@)
	$(Q)$(CC) -DBUILT_IN='"$(BUILD)/default_kern.o"' -c -o $@ $<

$(OWN_XDP:%=$(BUILD)/lessons/%_built_in.o): $(BUILD)/lessons/%_built_in.o: \
		common/built_in.S $(BUILD)/lessons/%_kern.o
	$(call say,AS,$@)
	$(Q)$(CC) -DBUILT_IN='"$(BUILD)/lessons/$*_kern.o"' -c -o $@ $<

$(BUILD)/lessons/%_kern.o: lessons/%_kern.c $(BUILD)/flags
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/default_kern.o: common/default_kern.c $(BUILD)/flags
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(KERN): af_xdp_kern.c $(BUILD)/flags
	$(call say,BPF,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(BUILD)/af_xdp_kern.d -c -o $@ $<

# Rebuild objects that were made with other flags, or by another compiler.
# Before that, check for tools, and wait until no other make uses $(BUILD).
FLAGS = $(CC) $(DEFINES) $(USER_CFLAGS) $(CLANG) $(BPF_CFLAGS)

# These goals call make again, and that make does not wait for our lock
# (testenv/lock.sh). So build several goals one after the other, even with "-j".
ifneq ($(filter $(ROOT_TARGETS) check-unit fuzz check-vm check-devices vm-lab install,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif
.PHONY: tools
tools:
	$(Q)$(PACKAGES) build
	$(Q)testenv/lock.sh $(BUILD) $$PPID

$(BUILD)/flags: tools
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' > $@

-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d $(BUILD)/*/*/*.d)

UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
.PHONY: unit-tests
unit-tests: $(UNIT_TESTS) build/locale/en_US.UTF-8 build/locale/de_DE.UTF-8

# Make two locales for the tests. Numbers have thousands separators in both
# locales, and a decimal comma in de_DE.
build/locale/%.UTF-8:
	$(Q)mkdir -p $(@D)
	$(Q)localedef -i $* -f UTF-8 $@ || :

$(BUILD)/tests/unit/%: tests/unit/%.c $(OBJECTS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(DEFINES) $(USER_CFLAGS) -MMD -MP -o $@ $< $(OBJECTS) \
		$(USER_LIBS) -lcmocka

# If a user without root asks for a target that needs root, run make by sudo.
# Compile as the owner of the checkout, so that a later make without root can
# overwrite the build's output.
OWNER = $(shell stat --format='--reuid=%u --regid=%g' .)
AS_OWNER = $(if $(filter-out 0,$(shell id -u)),,setpriv $(OWNER) --clear-groups)
# sudo clears the environment, so pass these variables to make.
KEPT_BY_SUDO := CC CLANG BPFTOOL PKG_CONFIG PKG_CONFIG_PATH CFLAGS CPPFLAGS \
	LDFLAGS V WERROR CI

ifneq ($(shell id -u),0)
.PHONY: $(ROOT_TARGETS)
$(ROOT_TARGETS):
	$(Q)command -v sudo >/dev/null || { \
		echo '$@: needs root for namespaces, but sudo is not installed: run make $@ as root' >&2; \
		exit 1; }
	$(Q)sudo env $(foreach v,$(KEPT_BY_SUDO),$(if \
		$(filter environment,$(origin $v)),$v='$($v)')) \
		$(MAKE) --no-print-directory $@ $(MAKEOVERRIDES)
else
.PHONY: $(ROOT_TARGETS)
demo:
	$(Q)$(PACKAGES) --install build lab
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all
	$(Q)testenv/demo.sh

check:
	$(Q)$(PACKAGES) --install build lab test fuzz
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all unit-tests bench-programs \
		ladder-programs fuzz-program lessons
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory SAN=1 all unit-tests
	$(Q)tests/run.sh build/logs \
		$(UNIT_TESTS) $(UNIT_TESTS:build/%=build/san/%) \
		$(filter-out tests/mutants.bats,$(wildcard tests/*.bats))

check-mutants:
	$(Q)$(PACKAGES) --install build lab test
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all
	$(Q)tests/run.sh build/logs tests/mutants.bats

soak:
	$(Q)$(PACKAGES) --install build lab test
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all
	$(Q)SOAK_S=$(or $(SOAK_S),600) tests/run.sh build/logs tests/soak.bats

bench:
	$(Q)$(PACKAGES) --install build lab bench
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all bench-programs \
		$(BENCH_VARIANTS)
	$(Q)bench/run.sh $(BENCH_OPTIONS)

ladder:
	$(Q)$(PACKAGES) --install build lab bench
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all bench-programs \
		ladder-programs
	$(Q)bench/ladder.sh $(LADDER_OPTIONS)

modes:
	$(Q)$(PACKAGES) --install build lab
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all bench-programs
	$(Q)bench/modes.sh

check-distros:
	$(Q)$(PACKAGES) --install distros
	$(Q)tests/run.sh build/logs tests/distros.sh
endif

demo: ## set up the lab, answer pings, and remove the lab (root)
check: ## run the tests (root)
check-mutants: ## check that the grader rejects each wrong solution (root)
soak: ## send a flood of hostile packets for SOAK_S seconds, 600 by default (root)
bench: ## measure; write bench/results and the tables of bench/README.org (root)
ladder: ## answer pings through several packet interfaces of Linux, see bench/ladder/README.org (root)
check-distros: ## run README's commands on other distributions; DISTRO=... (root)
modes: ## compare native and SKB mode, poll and busy mode; takes a minute (root)

.PHONY: check-cross
check-cross: ## run the unit tests on arm64, armhf and big-endian s390x, emulated
	$(Q)$(PACKAGES) $(if $(filter 0,$(shell id -u)),--install) build cross
	$(Q)tests/run.sh build/logs tests/cross.sh

.PHONY: check-unit
check-unit: ## run the tests in tests/unit, which need no root, plain and sanitized
	$(Q)$(PACKAGES) $(if $(filter 0,$(shell id -u)),--install) build test \
		$(if $(findstring clang,$(CC)),fuzz) # for clang's sanitizers
	$(Q)$(MAKE) --no-print-directory all unit-tests
	$(Q)$(MAKE) --no-print-directory SAN=1 unit-tests
	$(Q)tests/run.sh build/logs $(UNIT_TESTS) $(UNIT_TESTS:build/%=build/san/%)

# Fuzz the functions that read packets: give them arbitrary bytes.
FUZZ_S ?= 60
FUZZER := build/fuzz/icmp6_echo

.PHONY: fuzz fuzz-program
fuzz: ## look for packets that make the code fail, for FUZZ_S seconds (60)
	$(Q)$(PACKAGES) $(if $(filter 0,$(shell id -u)),--install) build fuzz
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory fuzz-program
	$(Q)$(AS_OWNER) tests/fuzz/run.sh $(FUZZER) -max_total_time=$(FUZZ_S)

fuzz-program: $(FUZZER)

$(FUZZER): tests/fuzz/icmp6_echo.c $(BUILD)/flags
	$(call say,FUZZER,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(DEFINES) -std=gnu11 $(WARNINGS) -O1 -g \
		-fsanitize=fuzzer $(SAN_FLAGS) -MMD -MP -MF $@.d -o $@ $<

# Programs for the measurements: see bench/README.org.
BENCH_PROGRAMS := $(BUILD)/bench/pktgen $(BUILD)/bench/rtt \
	$(addprefix $(BUILD)/bench/,plain plain_forward wakeup \
	responder_kern.o redirect_kern.o)
LADDER := $(addprefix $(BUILD)/bench/ladder/, \
	recvfrom recvmmsg tpacket uring tc_kern.o)
# Build af_xdp_user with other batch and ring sizes, to measure their effect.
BENCH_VARIANTS := $(addprefix $(BUILD)/bench/af_xdp_user-, \
	BATCH-8 BATCH-32 BATCH-256 RING-256 RING-1024)

.PHONY: bench-programs
bench-programs: $(BENCH_PROGRAMS)

.PHONY: ladder-programs
ladder-programs: $(LADDER)

$(BUILD)/bench/pktgen: $(BUILD)/bench/pktgen.o $(BUILD)/bench/usage.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(USER_CFLAGS) $(LDFLAGS) -o $@ $^ $(USER_LIBS)

$(BUILD)/bench/rtt: $(BUILD)/bench/rtt.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(USER_CFLAGS) $(LDFLAGS) -o $@ $^

$(addprefix $(BUILD)/bench/,plain plain_forward wakeup): %: %.o $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(USER_CFLAGS) $(LDFLAGS) -o $@ $^ $(USER_LIBS)

$(BUILD)/bench/ladder/%: $(BUILD)/bench/ladder/%.o $(BUILD)/bench/ladder/rung.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(USER_CFLAGS) $(LDFLAGS) -o $@ $^ $(if $(filter uring,$*),-luring)

$(BUILD)/bench/pktgen.o: $(BUILD)/bench/pktgen_kern.skel.h

$(BUILD)/bench/pktgen_kern.skel.h: $(BUILD)/bench/pktgen_kern.o
	$(call say,SKEL,$@)
	$(Q)$(WORKING_BPFTOOL) gen skeleton $< name pktgen_kern > $@.tmp
	$(Q)mv $@.tmp $@

$(BUILD)/bench/%_kern.o: bench/%_kern.c $(BUILD)/flags
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

.SECONDARY: $(BENCH_VARIANTS:$(BUILD)/bench/af_xdp_user-%=$(BUILD)/bench/variant-%/af_xdp_user.c)
$(BUILD)/bench/variant-%/af_xdp_user.c: af_xdp_user.c headers/xsk.h bench/variant.sh
	$(Q)bench/variant.sh $* $(@D)

# Compile the sources in common/ again, because they include headers/xsk.h, and
# the variant may have another headers/xsk.h.
$(BUILD)/bench/af_xdp_user-%: $(BUILD)/bench/variant-%/af_xdp_user.c $(OBJECTS)
	$(call say,CC,$@)
	$(Q)$(CC) -I$(<D) $(DEFINES) $(USER_CFLAGS) $(LDFLAGS) -o $@ $< \
		$(COMMON:%=common/%.c) $(BUILD)/common/built_in.o $(USER_LIBS)

# Boot guests with other kernels and network cards: see vm/README.org.
VM_TOOLS = $(Q)$(PACKAGES) $(if $(filter 0,$(shell id -u)),--install) \
	build lab vm
.PHONY: check-vm check-devices vm-lab guest-programs
guest-programs: all lessons $(BUILD)/bench/wakeup

check-vm: ## test the program with real drivers in guests; KERNEL=5.10|6.1|6.12|newest|all NIC=... ARCH=arm64
	$(VM_TOOLS)
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory guest-programs
	$(Q)tests/run.sh build/logs vm/check.sh
	$(Q)vm/matrix.sh

check-devices: ## try each kind of device in a guest; compare with doc/devices.org
	$(VM_TOOLS)
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory guest-programs
	$(Q)vm/devices.sh

vm-lab: ## start a shell in a guest, with the lab set up; KERNEL=... NIC=... ARCH=...
	$(VM_TOOLS)
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory guest-programs
	$(Q)vm/lab.sh

.PHONY: prove
prove: ## prove the packet code, the memory order, and that no frame is lost (minutes)
	$(Q)$(PACKAGES) $(if $(filter 0,$(shell id -u)),--install) prove
	$(Q)tests/prove.sh

# List the files by git only if this tree has a .git. A tree from a tarball may
# lie inside another project's repository, whose files git would list.
C_FILES     := $(if $(wildcard .git),$(shell git ls-files '*.[ch]'),$(shell \
	find . \( -name build -o -path './exercises/*/*' \) -prune -o -name '*.[ch]' -print))
SHELL_FILES := $(wildcard lessons/*.sh testenv/*.sh testenv/*.bash \
	tests/*.sh tests/*.bats tests/*.bash \
	tests/fuzz/*.sh tests/prove/*.bash doc/pictures/*.sh \
	bench/*.sh bench/*.bash exercises/*.sh exercises/*.bash \
	vm/*.sh vm/lib.bash vm/guest/* completions/* .ci/run)

.PHONY: format
format: ## format the C sources
	$(Q)clang-format -i $(C_FILES)

.PHONY: lint
lint: $(BUILD)/flags ## look for faults that compilers miss
	$(Q)$(PACKAGES) $(if $(filter 0,$(shell id -u)),--install) lint
	$(Q)clang-format --dry-run -Werror $(C_FILES)
	$(Q)clang-tidy --quiet af_xdp_user.c $(COMMON:%=common/%.c) \
		$(filter-out %_kern.c,$(wildcard lessons/*.c)) -- \
		$(DEFINES) -std=gnu11 2>/dev/null
	$(Q)shellcheck $(SHELL_FILES)
	$(Q)yamllint --strict .github
	$(Q)[ -z "$$(groff -man -Tutf8 -wall -z af_xdp_user.8 2>&1 | tee /dev/stderr)" ]
	$(Q)tests/voice.sh

.PHONY: install uninstall
install: ## install into $(DESTDIR)$(PREFIX)
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all
	install -D -m 755 af_xdp_user '$(DESTDIR)$(SBINDIR)/af_xdp_user'
	install -D -m 644 af_xdp_user.8 '$(DESTDIR)$(MANDIR)/man8/af_xdp_user.8'
	install -D -m 644 completions/af_xdp_user '$(DESTDIR)$(BASHDIR)/af_xdp_user'

uninstall: ## remove the installed files
	rm -f '$(DESTDIR)$(SBINDIR)/af_xdp_user' \
		'$(DESTDIR)$(MANDIR)/man8/af_xdp_user.8' \
		'$(DESTDIR)$(BASHDIR)/af_xdp_user'

.PHONY: clean
clean: ## remove the build's output
	$(Q)rm -rf build af_xdp_user af_xdp_kern.o $(LESSONS)

.PHONY: help
help: ## print this list
	@sed -nE 's/^([a-z-]+)( [a-z]+)?:.*## (.*)/  \1\t\3/p' Makefile | expand -t 16
	@echo 'Variables: V=1 shows commands; SAN=1 adds sanitizers (into build/san);'
	@echo 'WERROR=1 makes warnings errors; CC, CLANG, BPFTOOL, PKG_CONFIG, CFLAGS,'
	@echo 'DESTDIR, PREFIX as usual'
