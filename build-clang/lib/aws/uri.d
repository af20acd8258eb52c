build-clang/lib/aws/uri.o: lib/aws/uri.c lib/aws/uri.h lib/base/attr.h \
  lib/base/buf.h

lib/aws/uri.h:

lib/base/attr.h:

lib/base/buf.h:
