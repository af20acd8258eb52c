# GNU make. `make` builds, `make check` tests, `make demo` shows; see README.md.
# CFLAGS, CPPFLAGS, LDFLAGS, PREFIX and DESTDIR are the user's; config.mk may
# set them.
-include config.mk

VERSION = 0.1.0
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share
BUILD ?= build
CFLAGS ?= -O2 -g

# One row a tool. Libraries a tool does not use are not loaded (--as-needed);
# PKGS_tool names what only that tool needs.
TOOLS = $(patsubst cmd/%.c,%,$(filter-out $(wildcard cmd/*_*.c),$(wildcard cmd/rs-*.c)))
PKGS = libcurl libcrypto jansson expat
PKGS_rs-sql = libpq

WARN = -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wvla \
	-Wwrite-strings -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 \
	-Wundef
HARDEN = -fstack-protector-strong -fPIE $(if $(filter -O%,$(filter-out -O0,\
	$(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
OUR_CFLAGS = -std=c11 -pedantic $(WARN) $(WERROR) $(HARDEN) -MMD -MP \
	-ffile-prefix-map=$(CURDIR)=. -fdebug-prefix-map=$(CURDIR)=.
OUR_CPPFLAGS = -D_GNU_SOURCE -DRS_VERSION='"$(VERSION)"' \
	-DRS_DATADIR='"$(DATADIR)/rstools"' -Ilib
OUR_LDFLAGS = -pie -Wl,-z,relro,-z,now,--as-needed
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) libpq 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

BASE_OBJS = $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/base/*.c lib/aws/*.c))
SUITE_OBJS = $(patsubst %.c,$(BUILD)/%.o,\
	$(wildcard lib/record/*.c lib/lock/*.c lib/sql/*.c lib/cost/*.c))
ARCHIVES = $(BUILD)/librs.a $(BUILD)/libaws.a
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

all: $(TOOLS:%=$(BUILD)/bin/%)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(PKG_CFLAGS) $(OUR_CFLAGS) $(CFLAGS) -c -o $@ $<

# Rebuilt from scratch: a member whose source is gone must go as well.
$(BUILD)/libaws.a: $(BASE_OBJS)
	@rm -f $@
	$(AR) rcsD $@ $^

$(BUILD)/librs.a: $(SUITE_OBJS)
	@rm -f $@
	$(AR) rcsD $@ $^

# A tool is cmd/NAME.c and, where it has grown, cmd/NAME_part.c.
define tool_rule
$(BUILD)/bin/$(1): $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/$(1).c cmd/$(1)_*.c)) $(ARCHIVES)
	@mkdir -p $$(@D)
	$$(CC) $(OUR_LDFLAGS) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $(PKG_LIBS) \
		$(if $(PKGS_$(1)),$(shell pkg-config --libs $(PKGS_$(1)) 2>/dev/null)) -lm
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rule,$(t))))

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(OUR_LDFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm

unit: $(UNIT)

dev:
	$(MAKE) WERROR=-Werror all unit

clean:
	rm -rf $(BUILD)

.PHONY: all unit dev clean
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
