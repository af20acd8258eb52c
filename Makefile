# GNU make. `make demo` shows, `make check` tests, `make` builds; README.md.
# CFLAGS, CPPFLAGS, LDFLAGS, PREFIX and DESTDIR are the user's; config.mk may
# set them. V=1 shows the commands.
-include config.mk

VERSION = 0.1.0
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
BASHDIR ?= $(DATADIR)/bash-completion/completions
ZSHDIR ?= $(DATADIR)/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
FISHDIR ?= $(DATADIR)/fish/vendor_completions.d
BUILD ?= build
CFLAGS ?= -O2 -g
Q = $(if $(V),,@)
JOBS ?= $(shell nproc)
SUB = $(Q)$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))
HERE = RS_BUILD=$(abspath $(BUILD))

# One row a tool. Libraries a tool does not use are not loaded (--as-needed);
# PKGS_tool names what only that tool needs, PKGS_test_module likewise.
TOOLS := $(sort $(patsubst cmd/%.c,%,$(filter-out $(wildcard cmd/*_*.c),$(wildcard cmd/rs-*.c))))
PKGS = libcurl libcrypto jansson expat gmp
PKGS_rs-sql = libpq

WARN = -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wvla \
	-Wwrite-strings -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 \
	-Wundef
WERROR = $(if $(filter true,$(CI)),-Werror)
# Fortification needs an optimising compiler.
HARDEN = -fstack-protector-strong -fPIE $(if $(filter -O%,$(filter-out -O0,\
	$(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
OUR_CFLAGS = -std=c11 -pedantic $(WARN) $(WERROR) $(HARDEN) -MMD -MP \
	-ffile-prefix-map=$(CURDIR)=.
OUR_CPPFLAGS = -D_GNU_SOURCE -DRS_VERSION='"$(VERSION)"' \
	-DRS_DATADIR='"$(DATADIR)/rstools"' -Ilib
OUR_LDFLAGS = -pie -Wl,-z,relro,-z,now,--as-needed
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) libpq 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
pkg_libs = $(PKG_LIBS) $(if $(PKGS_$(1)),$(shell pkg-config --libs $(PKGS_$(1)))) -lm
COMPILE = $(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(PKG_CFLAGS) $(OUR_CFLAGS) $(CFLAGS)
LINK = $(CC) $(OUR_LDFLAGS) $(CFLAGS) $(LDFLAGS)

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)))
BASE_OBJS = $(call objects,lib/base/*.c lib/aws/*.c)
SUITE_OBJS = $(filter-out $(BASE_OBJS),$(call objects,lib/*/*.c))
ARCHIVES = $(BUILD)/librs.a $(BUILD)/libaws.a
BIN = $(TOOLS:%=$(BUILD)/bin/%)
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
TESTS ?= $(UNIT) $(filter-out $(SKIP:%=tests/%.bats),$(wildcard tests/*.bats))

all: $(BIN)

$(BUILD)/%.o: %.c Makefile
	@$(if $(PKG_LIBS),,echo "libraries are missing: run 'make deps'"; exit 1)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   $<';)$(COMPILE) -c -o $@ $<

# Rebuilt from scratch: a member whose source is gone must go as well.
$(BUILD)/libaws.a: $(BASE_OBJS)
$(BUILD)/librs.a: $(SUITE_OBJS)
$(ARCHIVES):
	@rm -f $@
	$(Q)$(AR) rcsD $@ $^

# A tool is cmd/NAME.c and, where it has grown, cmd/NAME_part.c.
define tool_rule
$(BUILD)/bin/$(1): $(call objects,cmd/$(1).c cmd/$(1)_*.c) $(ARCHIVES)
	@mkdir -p $$(@D)
	$(if $(V),,@echo '  LINK $(1)';)$$(LINK) -o $$@ $$^ $(call pkg_libs,$(1))
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rule,$(t))))

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  LINK $*';)$(LINK) -o $@ $^ $(call pkg_libs,$*)

unit: $(UNIT)

# The libraries are looked for when make starts: build in a make of its own.
deps:
	$(Q)tests/tools/deps
check demo: deps
	+$(SUB) run-$@
run-demo: all
	$(Q)PATH="$(abspath $(BUILD))/bin:$$PATH" RS_DATADIR=$(CURDIR)/share share/demo/demo.sh
run-check: all unit
	$(Q)$(HERE) $(RUNNER) tests/tools/run $(TESTS)
run-%: all
	$(Q)$(HERE) tests/$*/run

# The suite again, with other eyes. What judges the build or the sandbox rather
# than our programs is left out.
SAN = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
san:
	+$(SUB) BUILD=$(BUILD)/san HARDEN=-fPIE CFLAGS='-O1 -g $(SAN)' \
	    SKIP='build sandbox terraform%' RUNNER=tests/tools/sanitized run-check
valgrind: all unit
	$(Q)$(HERE) tests/tools/valgrind $(UNIT)
fuzz bench model torture:
	+$(SUB) run-$@

dev:
	+$(SUB) WERROR=-Werror all unit
# The same flags with both compilers, and nothing written.
lint: all
	+$(SUB) CC=gcc WERROR=-Werror syntax
	+$(SUB) CC=clang WERROR=-Werror syntax
	$(Q)$(HERE) tests/tools/lint
syntax:
	$(Q)$(COMPILE) -MF /dev/null -fsyntax-only $(wildcard cmd/*.c lib/*/*.c tests/unit/*.c)
completions: all
	$(Q)$(HERE) completions/generate

# What goes where: a row is SOURCE:DESTINATION.
place = $(foreach f,$(1),$(f):$(2)/$(patsubst $(3)%,%,$(f)))
INSTALL_ROWS = $(call place,$(BIN),$(BINDIR),$(BUILD)/bin/) \
	$(foreach s,1 5 7,$(call place,$(wildcard man/*.$(s)),$(MANDIR)/man$(s),man/)) \
	$(call place,$(wildcard completions/bash/*),$(BASHDIR),completions/bash/) \
	$(call place,$(wildcard completions/zsh/*),$(ZSHDIR),completions/zsh/) \
	$(call place,$(wildcard completions/fish/*),$(FISHDIR),completions/fish/) \
	$(call place,$(shell find share -type f ! -name '*.pyc'),$(DATADIR)/rstools,share/)
install: all
	$(Q)tests/tools/install "$(DESTDIR)" $(INSTALL_ROWS)
uninstall:
	$(Q)tests/tools/install --remove "$(DESTDIR)" $(INSTALL_ROWS)
	$(Q)[ ! -d "$(DESTDIR)$(DATADIR)/rstools" ] || \
	    find "$(DESTDIR)$(DATADIR)/rstools" -depth -type d -empty -delete

dist:
	@mkdir -p $(BUILD)
	git archive --prefix=rstools-$(VERSION)/ HEAD | gzip -9n >$(BUILD)/rstools-$(VERSION).tar.gz
clean:
	rm -rf $(BUILD)

.PHONY: all unit deps check demo run-demo run-check san valgrind fuzz bench \
	model torture dev lint syntax completions install uninstall dist clean
.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
