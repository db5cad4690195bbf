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

LIBS := libxdp libbpf libcap-ng

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

COMMON  := device frames options rights say stats xdp_prog
OBJECTS := $(COMMON:%=$(BUILD)/common/%.o)
PROGRAM := $(if $(SAN),$(BUILD)/af_xdp_user,af_xdp_user)

.PHONY: all
all: $(PROGRAM) af_xdp_kern.o ## the program and its XDP program (the default)

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

# What was compiled with other flags, or by another compiler, is compiled again.
.PHONY: FORCE
$(BUILD)/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(CC) $(CPPFLAGS) $(USER_CFLAGS) $(CLANG) $(BPF_CFLAGS)' | \
		cmp -s - $@ || \
	echo '$(CC) $(CPPFLAGS) $(USER_CFLAGS) $(CLANG) $(BPF_CFLAGS)' > $@

-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d)

.PHONY: clean
clean: ## remove what was built
	$(Q)rm -rf build af_xdp_user af_xdp_kern.o
