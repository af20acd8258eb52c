build-clang/lib/base/buf.o: lib/base/buf.c lib/base/alloc.h \
  lib/base/attr.h lib/base/buf.h

lib/base/alloc.h:

lib/base/attr.h:

lib/base/buf.h:
