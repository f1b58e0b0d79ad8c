/* number.c - a number for people. */
#include "lockstep/base/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

const char *number_text(double value, int decimals, char out[NUMBER_TEXT])
{
    if (fabs(value) < 1e7)
        snprintf(out, NUMBER_TEXT, "%.*f", decimals, value);
    else
        snprintf(out, NUMBER_TEXT, "%.4g", value);
    return out;
}

const char *number_grouped(int64_t value, char out[NUMBER_TEXT])
{
    char digits[NUMBER_TEXT];
    int count = snprintf(digits, sizeof(digits), "%" PRId64, value);
    char *to = out;

    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0 && digits[i - 1] != '-')
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}
