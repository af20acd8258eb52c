build-clang/lib/aws/xml.o: lib/aws/xml.c lib/aws/xml.h lib/base/attr.h \
  lib/base/err.h lib/base/alloc.h lib/base/buf.h

lib/aws/xml.h:

lib/base/attr.h:

lib/base/err.h:

lib/base/alloc.h:

lib/base/buf.h:
