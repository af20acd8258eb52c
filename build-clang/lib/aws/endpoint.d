build-clang/lib/aws/endpoint.o: lib/aws/endpoint.c lib/aws/endpoint.h \
  lib/aws/api.h lib/aws/aws.h lib/base/attr.h lib/base/err.h \
  lib/base/opt.h lib/base/wait.h lib/aws/form.h lib/base/buf.h \
  lib/aws/xml.h lib/aws/service.h lib/aws/session.h lib/aws/conf.h \
  lib/aws/cred.h lib/aws/http.h

lib/aws/endpoint.h:

lib/aws/api.h:

lib/aws/aws.h:

lib/base/attr.h:

lib/base/err.h:

lib/base/opt.h:

lib/base/wait.h:

lib/aws/form.h:

lib/base/buf.h:

lib/aws/xml.h:

lib/aws/service.h:

lib/aws/session.h:

lib/aws/conf.h:

lib/aws/cred.h:

lib/aws/http.h:
