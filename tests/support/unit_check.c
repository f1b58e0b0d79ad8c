/* unit_check.c - the main of a unit test: one suite, run to the end. */
#include "unit_check.h"

#include <stdlib.h>

int unit_check(Suite *suite)
{
    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
