build-clang/lib/aws/conf.o: lib/aws/conf.c lib/aws/conf.h lib/base/attr.h \
  lib/base/err.h lib/base/alloc.h lib/base/buf.h lib/base/file.h \
  lib/base/utf8.h lib/base/words.h

lib/aws/conf.h:

lib/base/attr.h:

lib/base/err.h:

lib/base/alloc.h:

lib/base/buf.h:

lib/base/file.h:

lib/base/utf8.h:

lib/base/words.h:
