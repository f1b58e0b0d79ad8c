/* number.h - a number for people. */
#ifndef LOCKSTEP_BASE_NUMBER_H
#define LOCKSTEP_BASE_NUMBER_H

#include <stdint.h>

/* `value` with so many decimals, and from ten million on with four digits and an exponent, so
 * that what has grown out of all bounds stays short. Gives `out`. */
enum { NUMBER_TEXT = 32 };
const char *number_text(double value, int decimals, char out[NUMBER_TEXT]);

/* "1,234,567"; gives `out`. */
const char *number_grouped(int64_t value, char out[NUMBER_TEXT]);

#endif
