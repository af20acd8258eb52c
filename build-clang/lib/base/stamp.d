build-clang/lib/base/stamp.o: lib/base/stamp.c lib/base/stamp.h \
  lib/base/attr.h

lib/base/stamp.h:

lib/base/attr.h:
