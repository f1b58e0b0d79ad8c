/* scratch_file.c - an empty file of a test's own. */
#include "scratch_file.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

char scratch_path[] = "/tmp/lockstep-scratch-XXXXXX";

void scratch_file_setup(void)
{
    int file = mkstemp(scratch_path);

    ck_assert_int_ge(file, 0);
    close(file);
}

void scratch_file_teardown(void)
{
    unlink(scratch_path);
}
