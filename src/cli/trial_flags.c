/* trial_flags.c - the flags of verbs that train for a few steps to measure them. */
#include "trial_flags.h"

#include "lockstep/base/token.h"

enum { MOST_SYMBOLS = 100000000, LONGEST = 100000, MOST_STEPS = 100000 };

status trial_flags_read(trial_flags *out, const arguments *a)
{
    int64_t vocabulary = 0, length = 0, steps = 10;

    if (arguments_has(a, "--vocabulary") != arguments_has(a, "--length"))
        return fail(STATUS_USAGE, "--vocabulary and --length go together: both for random "
                                  "sentences, none for the configuration's data");
    TRY(arguments_integer(a, "--vocabulary", TOKEN_SPECIALS + 1, MOST_SYMBOLS, &vocabulary));
    TRY(arguments_integer(a, "--length", 1, LONGEST, &length));
    TRY(arguments_integer(a, "--steps", 1, MOST_STEPS, &steps));
    *out = (trial_flags){(int)vocabulary, (int)length, (int)steps};
    return STATUS_OK;
}
