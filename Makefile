# GNU make. `make demo` shows, `make check` tests, `make` builds; README.md.
# CFLAGS, CPPFLAGS, LDFLAGS, PREFIX and DESTDIR are the user's; config.mk may
# set them. V=1 shows the commands.
-include config.mk
VERSION = 0.1.0
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
bashdir ?= $(DATADIR)/bash-completion/completions
zshdir ?= $(DATADIR)/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
fishdir ?= $(DATADIR)/fish/vendor_completions.d
BUILD ?= build
CFLAGS ?= -O2 -g
JOBS ?= $(shell nproc)
Q = $(if $(V),,@)
SUB = $(Q)$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))
HERE = RS_BUILD=$(abspath $(BUILD))
# One row a tool or unit test: what only it needs. Libraries that are not used
# are not loaded (--as-needed).
TOOLS := $(sort $(patsubst cmd/%.c,%,$(filter-out $(wildcard cmd/*_*.c),$(wildcard cmd/rs-*.c))))
PKGS = libcurl libcrypto jansson expat gmp
PKGS_rs-sql = libpq

WARN = -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wvla \
	-Wwrite-strings -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 -Wundef
WERROR = $(if $(filter true,$(CI)),-Werror)
HARDEN = -fstack-protector-strong -fPIE $(if $(filter -O%,$(filter-out -O0,\
	$(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
OUR_CFLAGS = -std=c11 -pedantic $(WARN) $(WERROR) $(HARDEN) -MMD -MP \
	-ffile-prefix-map=$(CURDIR)=.
OUR_CPPFLAGS = -D_GNU_SOURCE -DRS_VERSION='"$(VERSION)"' \
	-DRS_DATADIR='"$(DATADIR)/rstools"' -Ilib
OUR_LDFLAGS = -pie -Wl,-z,relro,-z,now,--as-needed
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) libpq 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
libs = $(PKG_LIBS) $(if $(PKGS_$(1)),$(shell pkg-config --libs $(PKGS_$(1)))) -lm
COMPILE = $(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(PKG_CFLAGS) $(OUR_CFLAGS) $(CFLAGS)
LINK = $(if $(V),,@echo '  LINK $(@F)';)$(CC) $(OUR_LDFLAGS) $(CFLAGS) $(LDFLAGS)

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)))
BASE_OBJS = $(call objects,lib/base/*.c lib/aws/*.c)
ARCHIVES = $(BUILD)/librs.a $(BUILD)/libaws.a
BIN = $(TOOLS:%=$(BUILD)/bin/%)
LIBEXEC = $(BUILD)/libexec/rstools/rs-lock-aws
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
TESTS ?= $(UNIT) $(filter-out $(SKIP:%=tests/%.bats),$(wildcard tests/*.bats))

all: $(BIN) $(LIBEXEC)
# A driver is a program through which other tests ask the library questions.
unit: $(UNIT) $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/drive_*.c))
$(BUILD)/%.o: %.c Makefile
	@$(if $(PKG_LIBS),,echo "libraries are missing: run 'make deps'"; exit 1)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   $<';)$(COMPILE) -c -o $@ $<
# Rebuilt from scratch: a member whose source is gone must go as well.
$(BUILD)/libaws.a: $(BASE_OBJS)
$(BUILD)/librs.a: $(filter-out $(BASE_OBJS),$(call objects,lib/*/*.c))
$(ARCHIVES):
	@rm -f $@
	$(Q)$(AR) rcsD $@ $^
# A tool is cmd/NAME.c and, where it has grown, cmd/NAME_part.c.
define tool_rule
$(BUILD)/bin/$(1): $(call objects,cmd/$(1).c cmd/$(1)_*.c) $(ARCHIVES)
	@mkdir -p $$(@D)
	$$(LINK) -o $$@ $$^ $(call libs,$(1))
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rule,$(t))))
# The half of rs-lock that needs AWS; cmd/rs-lock.h says why it stands apart.
$(LIBEXEC): $(filter-out %_small.o,$(call objects,cmd/rs-lock.c cmd/rs-lock_*.c cmd/rs-lock-aws_*.c)) $(ARCHIVES)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(call libs)

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(call libs,$*)
# The libraries are looked for when make starts: build in a make of its own.
deps demo-deps:
	$(Q)tests/tools/deps $(if $(filter demo-deps,$@),--demo)
check: deps
demo: demo-deps
check demo fuzz bench model torture:
	+$(SUB) run-$@
run-check: all unit
	$(Q)$(HERE) $(RUNNER) tests/tools/run $(TESTS)
run-demo: all
	$(Q)PATH="$(abspath $(BUILD))/bin:$$PATH" RS_DATADIR=$(CURDIR)/share share/demo/demo.sh
run-%: all
	$(Q)$(HERE) tests/$*/run

# Without what judges the build or the sandbox rather than our programs.
SAN = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
san:
	+$(SUB) BUILD=$(BUILD)/san HARDEN=-fPIE CFLAGS='-O1 -g $(SAN)' \
	    SKIP='build completions sandbox terraform%' RUNNER=tests/tools/sanitized run-check
valgrind: all unit
	$(Q)$(HERE) tests/tools/valgrind $(UNIT)
dev:
	+$(SUB) WERROR=-Werror all unit
lint: all
	+$(SUB) CC=gcc WERROR=-Werror syntax
	+$(SUB) CC=clang WERROR=-Werror syntax
	$(Q)$(HERE) tests/tools/lint
syntax:
	$(Q)$(COMPILE) -MF /dev/null -fsyntax-only $(wildcard cmd/*.c lib/*/*.c tests/unit/*.c)
completions: all
	$(Q)$(HERE) completions/generate && man/generate

# What goes where: a row is SOURCE:DESTINATION.
place = $(foreach f,$(1),$(f):$(2)/$(patsubst $(3)%,%,$(f)))
ROWS = $(call place,$(BIN),$(BINDIR),$(BUILD)/bin/) \
	$(foreach s,1 5 7,$(call place,$(wildcard man/*.$(s)),$(MANDIR)/man$(s),man/)) \
	$(foreach s,bash zsh fish,$(call place,$(wildcard completions/$(s)/*),$($(s)dir),completions/$(s)/)) \
	$(call place,$(shell find share -type f ! -name '*.pyc'),$(DATADIR)/rstools,share/)
install: all
uninstall install:
	$(Q)tests/tools/install --$@ "$(DESTDIR)" "$(DATADIR)/rstools" $(ROWS)
dist:
	git archive --prefix=rstools-$(VERSION)/ HEAD | gzip -9n >rstools-$(VERSION).tar.gz
clean:
	rm -rf $(BUILD)
.PHONY: all unit deps demo-deps check demo run-check run-demo san valgrind fuzz bench model \
	torture dev lint syntax completions install uninstall dist clean
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
