build-clang/lib/aws/fault.o: lib/aws/fault.c lib/aws/fault.h \
  lib/aws/http.h lib/base/attr.h lib/base/buf.h lib/base/err.h \
  lib/base/wait.h lib/aws/xml.h

lib/aws/fault.h:

lib/aws/http.h:

lib/base/attr.h:

lib/base/buf.h:

lib/base/err.h:

lib/base/wait.h:

lib/aws/xml.h:
