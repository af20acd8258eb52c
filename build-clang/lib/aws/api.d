build-clang/lib/aws/api.o: lib/aws/api.c lib/aws/call.h lib/aws/session.h \
  lib/aws/api.h lib/aws/aws.h lib/base/attr.h lib/base/err.h \
  lib/base/opt.h lib/base/wait.h lib/aws/form.h lib/base/buf.h \
  lib/aws/xml.h lib/aws/conf.h lib/aws/cred.h lib/aws/http.h \
  lib/aws/op.h lib/aws/service.h lib/base/alloc.h

lib/aws/call.h:

lib/aws/session.h:

lib/aws/api.h:

lib/aws/aws.h:

lib/base/attr.h:

lib/base/err.h:

lib/base/opt.h:

lib/base/wait.h:

lib/aws/form.h:

lib/base/buf.h:

lib/aws/xml.h:

lib/aws/conf.h:

lib/aws/cred.h:

lib/aws/http.h:

lib/aws/op.h:

lib/aws/service.h:

lib/base/alloc.h:
