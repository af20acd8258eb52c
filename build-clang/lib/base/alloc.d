build-clang/lib/base/alloc.o: lib/base/alloc.c lib/base/alloc.h \
  lib/base/attr.h lib/base/err.h lib/base/msg.h

lib/base/alloc.h:

lib/base/attr.h:

lib/base/err.h:

lib/base/msg.h:
