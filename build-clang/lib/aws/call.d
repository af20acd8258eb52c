build-clang/lib/aws/call.o: lib/aws/call.c lib/aws/call.h \
  lib/aws/session.h lib/aws/api.h lib/aws/aws.h lib/base/attr.h \
  lib/base/err.h lib/base/opt.h lib/base/wait.h lib/aws/form.h \
  lib/base/buf.h lib/aws/xml.h lib/aws/conf.h lib/aws/cred.h \
  lib/aws/http.h lib/aws/crc32.h lib/aws/date.h lib/aws/endpoint.h \
  lib/aws/fault.h lib/aws/op.h lib/aws/retry.h lib/aws/sigv4.h \
  lib/base/alloc.h lib/base/msg.h

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

lib/aws/crc32.h:

lib/aws/date.h:

lib/aws/endpoint.h:

lib/aws/fault.h:

lib/aws/op.h:

lib/aws/retry.h:

lib/aws/sigv4.h:

lib/base/alloc.h:

lib/base/msg.h:
