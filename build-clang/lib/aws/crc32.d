build-clang/lib/aws/crc32.o: lib/aws/crc32.c lib/aws/crc32.h

lib/aws/crc32.h:
