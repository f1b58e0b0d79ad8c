/* plural.h - "1 pair", "2 pairs". */
#ifndef LOCKSTEP_BASE_PLURAL_H
#define LOCKSTEP_BASE_PLURAL_H

/* The ending of a regular noun after a count. */
#define PLURAL(count) ((count) == 1 ? "" : "s")

#endif
