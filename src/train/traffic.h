/* traffic.h - what ranks sent each other in some steps, and how much of the time that it took
 * was hidden behind computing. */
#ifndef LOCKSTEP_TRAIN_TRAFFIC_H
#define LOCKSTEP_TRAIN_TRAFFIC_H

#include "training.h"

enum { TRAFFIC_TEXT = 64 };

/* What this rank has seen since `before`; all 0 where it is alone, or before is all 0 to begin
 * with the run. */
exchange_traffic traffic_since(const training *t, exchange_traffic before);

/* The share of the time in flight that nobody waited for; 1 where nothing was. */
double traffic_hidden(const exchange_traffic *t);

/* For people, of so many steps; empty where nothing was in flight. */
const char *traffic_text(const exchange_traffic *t, double steps, char text[TRAFFIC_TEXT]);

#endif
