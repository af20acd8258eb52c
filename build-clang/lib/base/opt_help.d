build-clang/lib/base/opt_help.o: lib/base/opt_help.c lib/base/err.h \
  lib/base/attr.h lib/base/msg.h lib/base/opt_help.h lib/base/opt.h

lib/base/err.h:

lib/base/attr.h:

lib/base/msg.h:

lib/base/opt_help.h:

lib/base/opt.h:
