build-clang/lib/aws/retry.o: lib/aws/retry.c lib/aws/retry.h \
  lib/aws/http.h lib/base/attr.h lib/base/buf.h lib/base/err.h \
  lib/base/wait.h

lib/aws/retry.h:

lib/aws/http.h:

lib/base/attr.h:

lib/base/buf.h:

lib/base/err.h:

lib/base/wait.h:
