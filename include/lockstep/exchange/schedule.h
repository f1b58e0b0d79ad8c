/* schedule.h - what an exchange would do on a number of ranks, reckoned without any of them:
 * into which pieces and buckets a model is cut, and what one rank sends of each in each stage.
 * The cutting, the stages and the order are those of the exchange itself, by its own code.
 */
#ifndef LOCKSTEP_EXCHANGE_SCHEDULE_H
#define LOCKSTEP_EXCHANGE_SCHEDULE_H

#include "lockstep/exchange/exchange.h"

typedef struct schedule schedule;

typedef struct schedule_settings {
    int hosts, ranks_a_host; /* numbered one host after another */
    exchange_settings exchange;
    /* [tensors * PARAMETER_USES], of each use's gradient the share that is not zeros
     * (exchange_filled); borrowed. NULL: all */
    const double *filled;
} schedule_settings;

/* One stage of a piece or of a bucket's values, for one rank that has most to do. */
typedef struct schedule_leg {
    double within, between; /* messages to ranks of its host and to those of others, as many
                               of which come from there */
    double inside, outside; /* bytes that are sent so, and come */
    double cable;           /* bytes that all ranks of its host send to other hosts */
    double added;           /* floats that are added afterwards */
} schedule_leg;

/* Borrows `p`, which parameters_allocate has laid out. `*out` is owned: schedule_destroy.
 * STATUS_CONFIG as exchange_create. */
MUST_CHECK status schedule_create(schedule **out, const parameters *p,
                                  const schedule_settings *settings);
void schedule_destroy(schedule *s); /* NULL is fine */

void schedule_text(const schedule *s, char out[EXCHANGE_TEXT]); /* as exchange_text */

int schedule_rank(const schedule *s); /* which one that is */
int schedule_stages(const schedule *s);
int schedule_pieces(const schedule *s);
int schedule_buckets(const schedule *s);
int schedule_window(void);        /* pieces under way at a time */
int schedule_gather_window(void); /* buckets likewise */

/* The buckets that hold a tensor; the piece of a bucket's use, of which there are some. */
void schedule_buckets_of(const schedule *s, int tensor, int *first, int *last);
int schedule_uses(const schedule *s, int bucket);
int schedule_piece(const schedule *s, int bucket, int use);

/* The share of all parameters that the rank owns of a bucket. */
double schedule_owned(const schedule *s, int bucket);

/* Gradients: stages from 0 on. Values go through the same stages, from the last to 0. */
schedule_leg schedule_piece_leg(const schedule *s, int piece, int stage);
schedule_leg schedule_value_leg(const schedule *s, int bucket, int stage);

#endif
