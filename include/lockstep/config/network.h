/* network.h - a network described in a YAML file: what messages between ranks cost there.
 *
 * All keys are numbers and have defaults, those of 10 Gbit/s Ethernet with TCP. An unknown key
 * and a value out of bounds are errors with the line.
 */
#ifndef LOCKSTEP_CONFIG_NETWORK_H
#define LOCKSTEP_CONFIG_NETWORK_H

#include "lockstep/base/status.h"

/* Messages by one way. */
typedef struct network_way {
    double latency; /* s, from one program to the other, of the smallest message */
    double message; /* s of the processor for a message, sent or received */
    double byte;    /* s of the processor for a byte, sent or received */
} network_way;

typedef struct network {
    double bandwidth;      /* bit/s of a host's cable, each way */
    network_way between;   /* hosts */
    network_way within;    /* a host */
    double add;            /* s of the processor to add two floats */
    double hosts_a_switch; /* of the lowest switches of a fat tree, whole */
    double uplink;         /* what leads up from such a switch, over what its hosts bring */
} network;

/* STATUS_INPUT where the file cannot be read, STATUS_CONFIG for what is in it. `path` NULL:
 * the defaults. */
MUST_CHECK status network_load(network *out, const char *path);

#endif
