/* costs.h - what a simulated rank has to do for its messages. */
#ifndef LOCKSTEP_COMM_SIMULATED_COSTS_H
#define LOCKSTEP_COMM_SIMULATED_COSTS_H

#include <stddef.h>

/* This rank is busy with what it owes, and with a message to or from `peer`. */
void costs_pay(void);
void costs_pay_message(int rank, int peer, size_t bytes);

#endif
