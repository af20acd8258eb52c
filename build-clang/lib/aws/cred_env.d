build-clang/lib/aws/cred_env.o: lib/aws/cred_env.c lib/aws/cred_source.h \
  lib/aws/cred.h lib/aws/aws.h lib/base/attr.h lib/base/err.h \
  lib/base/opt.h lib/base/wait.h lib/aws/session.h lib/aws/api.h \
  lib/aws/form.h lib/base/buf.h lib/aws/xml.h lib/aws/conf.h \
  lib/aws/http.h lib/base/alloc.h

lib/aws/cred_source.h:

lib/aws/cred.h:

lib/aws/aws.h:

lib/base/attr.h:

lib/base/err.h:

lib/base/opt.h:

lib/base/wait.h:

lib/aws/session.h:

lib/aws/api.h:

lib/aws/form.h:

lib/base/buf.h:

lib/aws/xml.h:

lib/aws/conf.h:

lib/aws/http.h:

lib/base/alloc.h:
