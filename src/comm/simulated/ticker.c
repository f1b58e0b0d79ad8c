/* ticker.c - in a simulated world nothing ticks: its ranks have no threads. */
#include "../ticker.h"

void ticker_begin(ticker *out, void (*tick)(void *context), void *context)
{
    *out = (ticker){.tick = tick, .context = context};
}

void ticker_end(ticker *t)
{
    (void)t;
}
