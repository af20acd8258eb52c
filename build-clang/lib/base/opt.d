build-clang/lib/base/opt.o: lib/base/opt.c lib/base/alloc.h \
  lib/base/attr.h lib/base/err.h lib/base/msg.h lib/base/opt.h \
  lib/base/opt_help.h

lib/base/alloc.h:

lib/base/attr.h:

lib/base/err.h:

lib/base/msg.h:

lib/base/opt.h:

lib/base/opt_help.h:
