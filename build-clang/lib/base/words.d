build-clang/lib/base/words.o: lib/base/words.c lib/base/alloc.h \
  lib/base/attr.h lib/base/words.h

lib/base/alloc.h:

lib/base/attr.h:

lib/base/words.h:
