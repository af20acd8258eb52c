build-clang/lib/base/sig.o: lib/base/sig.c lib/base/attr.h lib/base/sig.h

lib/base/attr.h:

lib/base/sig.h:
