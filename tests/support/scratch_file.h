/* scratch_file.h - an empty file of a test's own: fixtures that make it and remove it. */
#ifndef LOCKSTEP_TESTS_SCRATCH_FILE_H
#define LOCKSTEP_TESTS_SCRATCH_FILE_H

extern char scratch_path[];

void scratch_file_setup(void);
void scratch_file_teardown(void);

#endif
