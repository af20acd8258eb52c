build-clang/lib/base/msg.o: lib/base/msg.c lib/base/err.h lib/base/attr.h \
  lib/base/msg.h

lib/base/err.h:

lib/base/attr.h:

lib/base/msg.h:
