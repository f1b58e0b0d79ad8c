/* figures.c - the numbers of one report. */
#include "figures.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/status.h"

void figures_add(figures *f, const char *name, double value, int digits)
{
    CHECK(f->count < FIGURES_MAX);
    figure *one = &f->all[f->count++];

    snprintf(one->name, sizeof(one->name), "%s", name);
    one->value = value;
    one->digits = digits;
}

const char *figure_short_name(const figure *one)
{
    static const char head[] = "valid_";
    size_t size = sizeof(head) - 1;

    return strncmp(one->name, head, size) == 0 ? one->name + size : one->name;
}
