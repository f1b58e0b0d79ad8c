/* period.c - how often, in steps or in time. */
#include "period.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int64_t seconds;
} units[] = {{"h", 3600}, {"min", 60}, {"s", 1}}; /* the largest first */

enum { UNITS = sizeof units / sizeof *units };

static const int64_t longest = 366 * 24 * INT64_C(3600);

/* 0 for what is no unit. */
static int64_t seconds_of(const char *unit)
{
    for (int i = 0; i < UNITS; ++i)
        if (strcmp(unit, units[i].name) == 0)
            return units[i].seconds;
    return 0;
}

bool period_read(const char *text, double most, config_period *out)
{
    size_t digits = strspn(text, "0123456789");
    char *end;

    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (digits == 0 || end != text + digits || errno || value < 1)
        return false;
    if (!*end) {
        if (value > (long long)most)
            return false;
        *out = (config_period){.steps = value};
        return true;
    }
    int64_t unit = seconds_of(end + (*end == ' '));
    if (unit == 0 || value > longest / unit)
        return false;
    *out = (config_period){.seconds = value * unit};
    return true;
}

status period_add(config_period period, buffer *out)
{
    if (period.seconds == 0)
        return buffer_add_text(out, "%lld", (long long)period.steps);
    int i = 0;
    while (period.seconds % units[i].seconds != 0)
        ++i;
    return buffer_add_text(out, "%lld%s", (long long)(period.seconds / units[i].seconds),
                           units[i].name);
}
