build-clang/lib/aws/form.o: lib/aws/form.c lib/aws/form.h lib/base/attr.h \
  lib/base/buf.h lib/aws/uri.h lib/base/alloc.h

lib/aws/form.h:

lib/base/attr.h:

lib/base/buf.h:

lib/aws/uri.h:

lib/base/alloc.h:
