/* traffic.c - what ranks sent each other in some steps. */
#include "traffic.h"

#include <stdio.h>

exchange_traffic traffic_since(const training *t, exchange_traffic before)
{
    if (world_size(t->world) == 1)
        return (exchange_traffic){.bytes = 0.0};
    exchange_traffic now = exchange_traffic_of(t->exchange);

    return (exchange_traffic){.in_flight = now.in_flight - before.in_flight,
                              .waited = now.waited - before.waited,
                              .bytes = now.bytes - before.bytes,
                              .messages = now.messages - before.messages};
}

double traffic_hidden(const exchange_traffic *t)
{
    return t->in_flight > 0.0 ? 1.0 - t->waited / t->in_flight : 1.0;
}

const char *traffic_text(const exchange_traffic *t, double steps, char text[TRAFFIC_TEXT])
{
    double each = 1e3 * t->in_flight / steps;

    text[0] = 0;
    if (t->in_flight > 0.0 && steps > 0.0)
        snprintf(text, TRAFFIC_TEXT, "  communication %.*f ms a step, %.0f%% of it waited for",
                 each < 10.0 ? 2 : 0, each, 1e2 * t->waited / t->in_flight);
    return text;
}
