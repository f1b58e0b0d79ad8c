/* ticker.h - a thread that does a little again and again while this rank is busy. */
#ifndef LOCKSTEP_COMM_TICKER_H
#define LOCKSTEP_COMM_TICKER_H

#include <pthread.h>
#include <stdbool.h>

typedef struct ticker {
    void (*tick)(void *context);
    void *context;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool runs, over;
} ticker;

/* From now on `tick` is called four times a second, until ticker_end. No signal is
 * delivered to its thread. Where no thread can be had nothing ticks. */
void ticker_begin(ticker *out, void (*tick)(void *context), void *context);
/* Afterwards nothing ticks any more. */
void ticker_end(ticker *t);

#endif
