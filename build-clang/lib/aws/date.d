build-clang/lib/aws/date.o: lib/aws/date.c lib/aws/date.h lib/base/attr.h \
  lib/base/stamp.h

lib/aws/date.h:

lib/base/attr.h:

lib/base/stamp.h:
