build-clang/lib/base/file.o: lib/base/file.c lib/base/alloc.h \
  lib/base/attr.h lib/base/file.h lib/base/buf.h lib/base/err.h

lib/base/alloc.h:

lib/base/attr.h:

lib/base/file.h:

lib/base/buf.h:

lib/base/err.h:
