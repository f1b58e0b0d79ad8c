/* unit_check.h - the main of a unit test: one suite, run to the end. */
#ifndef LOCKSTEP_TESTS_UNIT_CHECK_H
#define LOCKSTEP_TESTS_UNIT_CHECK_H

#include <check.h>

#undef fail /* an old macro of Check; ours is in base/status.h */

/* Run the suite (owned from here on) and give main's exit status. */
int unit_check(Suite *suite);

#endif
