build-clang/lib/aws/service.o: lib/aws/service.c lib/aws/service.h \
  lib/aws/api.h lib/aws/aws.h lib/base/attr.h lib/base/err.h \
  lib/base/opt.h lib/base/wait.h lib/aws/form.h lib/base/buf.h \
  lib/aws/xml.h

lib/aws/service.h:

lib/aws/api.h:

lib/aws/aws.h:

lib/base/attr.h:

lib/base/err.h:

lib/base/opt.h:

lib/base/wait.h:

lib/aws/form.h:

lib/base/buf.h:

lib/aws/xml.h:
