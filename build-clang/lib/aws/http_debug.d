build-clang/lib/aws/http_debug.o: lib/aws/http_debug.c \
  lib/aws/http_debug.h lib/aws/http.h lib/base/attr.h lib/base/buf.h \
  lib/base/err.h lib/base/wait.h lib/base/msg.h

lib/aws/http_debug.h:

lib/aws/http.h:

lib/base/attr.h:

lib/base/buf.h:

lib/base/err.h:

lib/base/wait.h:

lib/base/msg.h:
