build-clang/lib/aws/http.o: lib/aws/http.c lib/aws/http.h lib/base/attr.h \
  lib/base/buf.h lib/base/err.h lib/base/wait.h lib/aws/http_debug.h \
  lib/base/alloc.h lib/base/sig.h

lib/aws/http.h:

lib/base/attr.h:

lib/base/buf.h:

lib/base/err.h:

lib/base/wait.h:

lib/aws/http_debug.h:

lib/base/alloc.h:

lib/base/sig.h:
