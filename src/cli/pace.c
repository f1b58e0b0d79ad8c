/* pace.c - how far a verb has come with its lines, and how fast. */
#include "pace.h"

#include <inttypes.h>
#include <stdio.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/number.h"
#include "lockstep/base/plural.h"

pace pace_begin(int64_t total, bool live)
{
    return (pace){.since = clock_seconds(), .total = total, .live = live};
}

static double seconds_of(const pace *p)
{
    double seconds = clock_seconds() - p->since;

    return seconds > 1e-9 ? seconds : 1e-9;
}

/* Lines in a second: 7,526, 4.7, 0.03 */
static const char *rate_text(double rate, char out[NUMBER_TEXT])
{
    if (rate >= 9.95)
        return number_grouped((int64_t)(rate + 0.5), out);
    return number_text(rate, rate >= 0.995 ? 1 : 2, out);
}

void pace_show(const pace *p, int64_t done)
{
    char count[NUMBER_TEXT], total[NUMBER_TEXT], rate[NUMBER_TEXT], left[32];
    double seconds = seconds_of(p);

    if (!p->live || done == 0)
        return;
    number_grouped(done, count);
    rate_text((double)done / seconds, rate);
    if (p->total < done) {
        log_progress("%s line%s  %s lines/s", count, PLURAL(done), rate);
        return;
    }
    clock_text(seconds / (double)done * (double)(p->total - done), left);
    log_progress("%s/%s lines  %s lines/s  %s left", count, number_grouped(p->total, total),
                 rate, left);
}

void pace_end(const pace *p, int64_t done)
{
    char count[NUMBER_TEXT], rate[NUMBER_TEXT];
    double seconds = seconds_of(p);

    log_line("%s line%s in %.1f s, %s lines/s", number_grouped(done, count), PLURAL(done),
             seconds, rate_text((double)done / seconds, rate));
}
