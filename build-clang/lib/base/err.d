build-clang/lib/base/err.o: lib/base/err.c lib/base/err.h lib/base/attr.h \
  lib/base/sig.h

lib/base/err.h:

lib/base/attr.h:

lib/base/sig.h:
