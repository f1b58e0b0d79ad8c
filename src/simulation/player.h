/* player.h - a recorded step, played by a simulated rank: it is busy as long as it was when it
 * was recorded, and between calls the exchange that trains.
 *
 * What is busy and when is that of src/scaling/replay.c, so that the two may be compared; here
 * all ranks play, and messages take what the network lets them.
 *
 * A simulated rank has one thread. With a courier that one is the courier: it carries messages
 * while the computing thread, whose own clock goes beside, is busy.
 */
#ifndef LOCKSTEP_SIMULATION_PLAYER_H
#define LOCKSTEP_SIMULATION_PLAYER_H

#include "lockstep/base/status.h"
#include "lockstep/comm/world.h"
#include "lockstep/exchange/exchange.h"
#include "lockstep/scaling/recording.h"
#include "slabs.h"

typedef struct player {
    const recording *recording;
    world *world;
    slabs slabs;
    exchange *exchange;
    double slowdown;  /* of computing against the recording */
    double pace;      /* of this rank in this step: about 1 */
    double computing; /* s, so far */
    bool courier;
    double clock; /* s, of the computing thread beside a courier */
} player;

/* `settings.half` is the recording's. Borrows both. After a failure player_close, too; it may
 * be this rank's alone. */
MUST_CHECK status player_open(player *out, world *world, const recording *r,
                              exchange_settings settings, double slowdown);
void player_close(player *p);

/* [collective] */
void player_step(player *p, int step);

#endif
