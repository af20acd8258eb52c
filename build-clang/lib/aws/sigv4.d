build-clang/lib/aws/sigv4.o: lib/aws/sigv4.c lib/aws/sigv4.h \
  lib/aws/http.h lib/base/attr.h lib/base/buf.h lib/base/err.h \
  lib/base/wait.h lib/aws/uri.h lib/base/alloc.h

lib/aws/sigv4.h:

lib/aws/http.h:

lib/base/attr.h:

lib/base/buf.h:

lib/base/err.h:

lib/base/wait.h:

lib/aws/uri.h:

lib/base/alloc.h:
