/* courier.h - a thread that moves an exchange's messages and adds what they bring, beside those
 * that compute.
 *
 * The thread that computes gives orders by counters that only rise within a phase (pieces in
 * the queue, buckets that are ready), and the courier answers by others (landed,
 * gather_arrived, gather_done). All else of an exchange under way is the courier's alone.
 */
#ifndef LOCKSTEP_EXCHANGE_COURIER_H
#define LOCKSTEP_EXCHANGE_COURIER_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "lockstep/base/status.h"

struct exchange;

typedef struct courier {
    bool runs; /* false: the thread that computes does all of it */
    pthread_t thread;
    pthread_mutex_t lock; /* it is at work */
    sem_t called;
    atomic_bool over;
    /* What the thread that computes stands still for, or NULL: then the courier waits as well,
     * and names who stays away. Set under the lock. */
    _Atomic(const atomic_int *) counter;
    int wanted;
} courier;

/* For an exchange that is complete, and does not move until courier_end. */
MUST_CHECK status courier_begin(struct exchange *x);
void courier_end(struct exchange *x); /* nothing may be under way; fine where none runs */

/* There are new orders. */
void courier_call(struct exchange *x);

/* It does nothing between the two: a phase begins, or numbers are read. */
void courier_hold(struct exchange *x);
void courier_release(struct exchange *x);

/* Until the counter has come so far. */
void courier_wait(struct exchange *x, const atomic_int *counter, int wanted);

#endif
