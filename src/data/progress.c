/* progress.c - how far a long reading has come. */
#include "progress.h"

#include <stdio.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/number.h"
#include "lockstep/base/plural.h"

static const double pause = 10.0; /* seconds, between lines of a log */

progress progress_begin(const char *name, const char *unit, int64_t total)
{
    double now = clock_seconds();

    return (progress){.name = name, .unit = unit, .total = total, .since = now, .said = now};
}

/* "120/1,000 files", "1,200 pairs, 12%" or "1,200 pairs" */
static void print_done(const progress *p, int64_t done, double share, char *out, size_t size)
{
    char count[NUMBER_TEXT], total[NUMBER_TEXT];

    number_grouped(done, count);
    if (p->total >= 0)
        snprintf(out, size, "%s/%s %s%s", count, number_grouped(p->total, total), p->unit,
                 PLURAL(p->total));
    else if (share >= 0.0)
        snprintf(out, size, "%s %s%s, %.0f%%", count, p->unit, PLURAL(done), 100.0 * share);
    else
        snprintf(out, size, "%s %s%s", count, p->unit, PLURAL(done));
}

static void print_time(double seconds, double share, char *out, size_t size)
{
    char left[32];

    *out = '\0';
    if (share <= 0.0)
        return;
    clock_text(seconds / share * (1.0 - share), left);
    snprintf(out, size, "  %s left", left);
}

void progress_show(progress *p, int64_t done, double share)
{
    double now = clock_seconds(), seconds = now - p->since;
    bool live = log_is_live();
    char count[96], rate[NUMBER_TEXT], left[48];

    if (seconds <= 0.0 || (!live && now < p->said + pause))
        return;
    p->said = now;
    if (p->total > 0)
        share = (double)done / (double)p->total;
    print_done(p, done, share, count, sizeof(count));
    print_time(seconds, share, left, sizeof(left));
    number_grouped((int64_t)((double)done / seconds + 0.5), rate);
    (live ? log_progress : log_line)("%s: %s  %s %ss/s%s", p->name, count, rate, p->unit, left);
}
