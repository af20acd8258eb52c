/* fuzz_record - the reader of record streams */
#include <sys/mman.h>
#include <unistd.h>

#include "record/rec.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("stream", MFD_CLOEXEC), r;
	struct rec_in in = { 0 };
	struct rec rec = { 0 };
	struct err e = { 0 };

	holds(fd != -1 && write(fd, data, size) == (ssize_t)size &&
	    lseek(fd, 0, SEEK_SET) == 0, "the input is written");
	rec_in_init(&in, fd, "the input");
	while ((r = rec_next(&in, &rec, &e)) == 1) {
		holds(rec.kind != NULL && json_is_object(rec.object),
		    "a record is an object with a kind");
		holds(memchr(rec.text, '\n', rec.len) == NULL,
		    "a record is one line");
		holds(rec.len <= REC_LINE_MAX, "and not too long");
		(void)rec_str(&rec, "workgroup", &e);
	}
	if (r == -1)
		holds(e.kind == ERR_RECORD && e.msg[0] != '\0',
		    "a refusal says why");
	else
		(void)rec_complete(&in);
	rec_in_release(&in);
	close(fd);
	return 0;
}
