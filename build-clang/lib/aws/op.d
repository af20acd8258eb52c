build-clang/lib/aws/op.o: lib/aws/op.c lib/aws/op.h lib/aws/form.h \
  lib/base/attr.h lib/base/buf.h

lib/aws/op.h:

lib/aws/form.h:

lib/base/attr.h:

lib/base/buf.h:
