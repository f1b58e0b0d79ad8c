/* number.c - a number for people. */
#include "lockstep/base/number.h"

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
