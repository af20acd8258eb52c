build-clang/lib/base/wait.o: lib/base/wait.c lib/base/sig.h \
  lib/base/wait.h lib/base/attr.h

lib/base/sig.h:

lib/base/wait.h:

lib/base/attr.h:
