/* portion.h - what a rank needs of a window: its pairs cut into batches, and the elements of
 * those that stand in this rank's grains.
 */
#ifndef LOCKSTEP_DATA_PORTION_H
#define LOCKSTEP_DATA_PORTION_H

#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/data/loader.h"
#include "packer.h"
#include "plan.h"
#include "window.h"

typedef struct portion {
    const loader_settings *settings; /* borrowed */
    window window;
    plan plan;
    int64_t epoch, number; /* of the window in memory; number -1 for none */
} portion;

/* Without a window. Borrows both. Owned: portion_free, on failure too. */
MUST_CHECK status portion_init(portion *out, const pair_source *from,
                               const loader_settings *settings);
void portion_free(portion *old); /* a zeroed one is fine */

/* Have this window in memory. After a failure there is none. STATUS_STOPPED: the window was
 * given up (window.h). */
MUST_CHECK status portion_open(portion *p, int64_t epoch, int64_t number);
bool portion_holds(const portion *p, int64_t epoch, int64_t number);

/* Positions, with specials, that the pairs [from, to) of the window's order have on one side;
 * and those of the target that are scored. */
int64_t portion_rows(const portion *p, int side, int from, int to);
int64_t portion_scored(const portion *p, int from, int to);

/* Room for the largest share of a batch that this rank will be given. */
packer_room portion_room(const portion *p);

#endif
