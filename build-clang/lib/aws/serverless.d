build-clang/lib/aws/serverless.o: lib/aws/serverless.c lib/aws/api.h \
  lib/aws/aws.h lib/base/attr.h lib/base/err.h lib/base/opt.h \
  lib/base/wait.h lib/aws/form.h lib/base/buf.h lib/aws/xml.h \
  lib/aws/serverless.h

lib/aws/api.h:

lib/aws/aws.h:

lib/base/attr.h:

lib/base/err.h:

lib/base/opt.h:

lib/base/wait.h:

lib/aws/form.h:

lib/base/buf.h:

lib/aws/xml.h:

lib/aws/serverless.h:
