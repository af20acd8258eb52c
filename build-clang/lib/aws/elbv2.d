build-clang/lib/aws/elbv2.o: lib/aws/elbv2.c lib/aws/api.h lib/aws/aws.h \
  lib/base/attr.h lib/base/err.h lib/base/opt.h lib/base/wait.h \
  lib/aws/form.h lib/base/buf.h lib/aws/xml.h lib/aws/elbv2.h \
  lib/base/alloc.h

lib/aws/api.h:

lib/aws/aws.h:

lib/base/attr.h:

lib/base/err.h:

lib/base/opt.h:

lib/base/wait.h:

lib/aws/form.h:

lib/base/buf.h:

lib/aws/xml.h:

lib/aws/elbv2.h:

lib/base/alloc.h:
