/* plateau.c - when validations no longer get better. */
#include "lockstep/optim/plateau.h"

bool plateau_add(plateau *p, bool better, int64_t patience)
{
    p->without_better = better ? 0 : p->without_better + 1;
    if (p->without_better < patience)
        return false;
    p->without_better = 0;
    p->cuts++;
    return true;
}
