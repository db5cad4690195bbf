# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make help lists the targets. V=1 shows the commands, SAN=1 builds with the
# address and undefined-behaviour sanitizers into build/san.

VERSION := 0.1
PREFIX  ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR  ?= $(PREFIX)/share/man

CC         ?= cc
CLANG      ?= clang
BPFTOOL    ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config

LIBS := libxdp libbpf libcap-ng libseccomp

BUILD := build$(if $(SAN),/san)
Q     := $(if $(V),,@)
say    = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

CFLAGS   ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -I. -I$(BUILD)
WARNINGS := -Wall -Wextra -Werror
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all
SANITIZE := $(if $(SAN),$(SAN_FLAGS))
USER_CFLAGS = -std=gnu11 $(WARNINGS) $(SANITIZE) $(CFLAGS) \
	$(shell $(PKG_CONFIG) --cflags $(LIBS))
USER_LIBS   = $(shell $(PKG_CONFIG) --libs $(LIBS))
# clang -target bpf does not look where Debian keeps asm/types.h.
BPF_CFLAGS := -std=gnu11 $(WARNINGS) -O2 -g -target bpf -mcpu=v3 -I. \
	-idirafter /usr/include/$(shell uname -m)-linux-gnu

COMMON  := counters device frames hints options rights sandbox say stats \
	variables xdp_prog
OBJECTS := $(COMMON:%=$(BUILD)/common/%.o)
PROGRAM := $(if $(SAN),$(BUILD)/af_xdp_user,af_xdp_user)

.PHONY: all
all: $(PROGRAM) $(if $(SAN),,af_xdp_kern.o) ## build the program and its XDP program (no root needed)

$(PROGRAM): $(BUILD)/af_xdp_user.o $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(USER_CFLAGS) $(LDFLAGS) -o $@ $^ $(USER_LIBS)

$(BUILD)/%.o: %.c $(BUILD)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/common/xdp_prog.o: $(BUILD)/default_kern.skel.h

$(BUILD)/default_kern.skel.h: $(BUILD)/default_kern.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name default_kern > $@.tmp
	$(Q)mv $@.tmp $@

$(BUILD)/default_kern.o: common/default_kern.c $(BUILD)/flags
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

af_xdp_kern.o: af_xdp_kern.c $(BUILD)/flags
	$(call say,BPF,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(BUILD)/$(@:.o=.d) -c -o $@ $<

# What was compiled with other flags, or by another compiler, is compiled again;
# what the build needs and the machine has not is told before.
FLAGS = $(CC) $(CPPFLAGS) $(USER_CFLAGS) $(CLANG) $(BPF_CFLAGS)
.PHONY: tools
tools:
	$(Q)testenv/packages.sh build

$(BUILD)/flags: tools
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' > $@

-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d $(BUILD)/*/*/*.d)

UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
.PHONY: unit-tests
unit-tests: $(UNIT_TESTS) build/locale/en_US.UTF-8 build/locale/de_DE.UTF-8

# Locales that separate thousands, one of them with a decimal comma.
build/locale/%.UTF-8:
	$(Q)mkdir -p $(@D)
	$(Q)localedef -i $* -f UTF-8 $@ || :

$(BUILD)/tests/unit/%: tests/unit/%.c $(OBJECTS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(USER_CFLAGS) -MMD -MP -o $@ $< $(OBJECTS) \
		$(USER_LIBS) -lcmocka

# Make runs as root here, but what is built belongs to whoever owns the checkout:
# a later make without root must find it writable.
OWNER = $(shell stat -c '--reuid=%u --regid=%g' .)
AS_OWNER = $(if $(filter-out 0,$(shell id -u)),,setpriv $(OWNER) --clear-groups)

.PHONY: demo
demo: ## see it work: lab, program, pings, and all gone again (root)
	$(Q)testenv/packages.sh --install build lab
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all
	$(Q)testenv/demo.sh

.PHONY: check
check: ## all tests (root)
	$(Q)[ "$$(id -u)" = 0 ] || { \
		echo 'check: namespaces take root: sudo make check; without: make check-unit' >&2; \
		exit 1; }
	$(Q)testenv/packages.sh --install build lab test fuzz
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all unit-tests bench-programs \
		fuzz-program
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory SAN=1 all unit-tests
	$(Q)tests/run.sh build/logs \
		$(UNIT_TESTS) $(UNIT_TESTS:build/%=build/san/%) \
		$(wildcard tests/*.bats)

.PHONY: check-unit
check-unit: unit-tests ## the tests that need no root, plain and sanitized
	$(Q)testenv/packages.sh build test
	$(Q)$(MAKE) --no-print-directory SAN=1 unit-tests
	$(Q)tests/run.sh build/logs $(UNIT_TESTS) $(UNIT_TESTS:build/%=build/san/%)

.PHONY: soak
soak: ## a hostile flood for SOAK_S seconds, 600 by default (root)
	$(Q)testenv/packages.sh --install build lab test
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all
	$(Q)SOAK_S=$(or $(SOAK_S),600) tests/run.sh build/logs tests/soak.bats

# Hostile packets: any bytes at all for headers/icmp6_echo.h.
FUZZ_S ?= 60
FUZZER := build/fuzz/icmp6_echo

.PHONY: fuzz fuzz-program
fuzz: ## look for packets that break the rewriting, FUZZ_S seconds long (60)
	$(Q)testenv/packages.sh $(if $(filter 0,$(shell id -u)),--install) build fuzz
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory fuzz-program
	$(Q)$(AS_OWNER) tests/fuzz/run.sh $(FUZZER) -max_total_time=$(FUZZ_S)

fuzz-program: $(FUZZER)

$(FUZZER): tests/fuzz/icmp6_echo.c $(BUILD)/flags
	$(call say,FUZZER,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) -std=gnu11 $(WARNINGS) -O1 -g \
		-fsanitize=fuzzer $(SAN_FLAGS) -MMD -MP -MF $@.d -o $@ $<

# The measurements: bench/README.org says what and how.
BENCH_PROGRAMS := $(BUILD)/bench/pktgen $(BUILD)/bench/rtt \
	$(BUILD)/bench/plain $(BUILD)/bench/responder_kern.o
# The program with another batch or other rings, for how its cost grows.
BENCH_VARIANTS := $(addprefix $(BUILD)/bench/af_xdp_user-, \
	BATCH-8 BATCH-32 BATCH-256 RING-256 RING-1024 NAP-100000)

.PHONY: bench modes bench-programs
bench: ## measure; writes bench/README.org's tables, bench/results (root)
	$(Q)testenv/packages.sh --install build lab bench
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all bench-programs \
		$(BENCH_VARIANTS)
	$(Q)bench/run.sh $(BENCH_OPTIONS)

modes: ## native against SKB mode, poll against busy mode, in a minute (root)
	$(Q)testenv/packages.sh --install build lab
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all bench-programs
	$(Q)bench/modes.sh

bench-programs: $(BENCH_PROGRAMS)

$(BUILD)/bench/pktgen: $(BUILD)/bench/pktgen.o $(BUILD)/bench/usage.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(USER_CFLAGS) $(LDFLAGS) -o $@ $^ $(USER_LIBS)

$(BUILD)/bench/rtt: $(BUILD)/bench/rtt.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(USER_CFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/bench/plain: $(BUILD)/bench/plain.o $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(USER_CFLAGS) $(LDFLAGS) -o $@ $^ $(USER_LIBS)

$(BUILD)/bench/pktgen.o: $(BUILD)/bench/pktgen_kern.skel.h

$(BUILD)/bench/pktgen_kern.skel.h: $(BUILD)/bench/pktgen_kern.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name pktgen_kern > $@.tmp
	$(Q)mv $@.tmp $@

$(BUILD)/bench/%_kern.o: bench/%_kern.c $(BUILD)/flags
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

.SECONDARY: $(BENCH_VARIANTS:%=%.c)
$(BUILD)/bench/af_xdp_user-%.c: af_xdp_user.c bench/variant.sh
	$(Q)mkdir -p $(@D)
	$(Q)bench/variant.sh $* $< > $@.tmp
	$(Q)mv $@.tmp $@

$(BUILD)/bench/af_xdp_user-%: $(BUILD)/bench/af_xdp_user-%.c $(OBJECTS)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(USER_CFLAGS) $(LDFLAGS) -o $@ $^ $(USER_LIBS)

# Guests with other kernels and network cards: vm/README.org.
VM_TOOLS = $(Q)testenv/packages.sh $(if $(filter 0,$(shell id -u)),--install) \
	build lab vm
.PHONY: check-vm vm-lab
check-vm: ## the program on real drivers; KERNEL=5.10|6.1|6.12|newest|all NIC=... ARCH=arm64
	$(VM_TOOLS)
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all
	$(Q)tests/run.sh build/logs vm/check.sh
	$(Q)vm/matrix.sh

vm-lab: ## a shell in a guest, with the lab set up; KERNEL=... NIC=... ARCH=...
	$(VM_TOOLS)
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all
	$(Q)vm/lab.sh

C_FILES     := $(shell git ls-files '*.[ch]' 2>/dev/null || find . -name '*.[ch]')
SHELL_FILES := $(wildcard testenv/*.sh tests/*.sh tests/*.bats tests/*.bash \
	tests/fuzz/*.sh \
	bench/*.sh bench/*.bash exercises/*.sh \
	vm/*.sh vm/lib.bash vm/guest/* .ci/run)

.PHONY: format
format: ## give the C sources their form
	$(Q)clang-format -i $(C_FILES)

.PHONY: lint
lint: $(BUILD)/default_kern.skel.h ## look for what the compiler does not see
	$(Q)testenv/packages.sh $(if $(filter 0,$(shell id -u)),--install) lint
	$(Q)clang-format --dry-run -Werror $(C_FILES)
	$(Q)clang-tidy --quiet af_xdp_user.c $(COMMON:%=common/%.c) -- \
		$(CPPFLAGS) -std=gnu11 2>/dev/null
	$(Q)shellcheck $(SHELL_FILES)
	$(Q)[ -z "$$(groff -man -Tutf8 -wall -z af_xdp_user.8 2>&1 | tee /dev/stderr)" ]

.PHONY: install uninstall
install: ## into $(DESTDIR)$(PREFIX)
	$(Q)$(AS_OWNER) $(MAKE) --no-print-directory all
	install -D -m 755 af_xdp_user $(DESTDIR)$(SBINDIR)/af_xdp_user
	install -D -m 644 af_xdp_user.8 $(DESTDIR)$(MANDIR)/man8/af_xdp_user.8

uninstall: ## take away what install put there
	rm -f $(DESTDIR)$(SBINDIR)/af_xdp_user \
		$(DESTDIR)$(MANDIR)/man8/af_xdp_user.8

.PHONY: clean
clean: ## remove what was built
	$(Q)rm -rf build af_xdp_user af_xdp_kern.o

.PHONY: help
help: ## this list
	@sed -nE 's/^([a-z-]+)( [a-z]+)?:.*## (.*)/  \1\t\3/p' Makefile | expand -t 16
	@echo 'Variables: V=1 shows commands; SAN=1 adds sanitizers (into build/san);'
	@echo 'CC, CLANG, CFLAGS, DESTDIR, PREFIX as usual'
