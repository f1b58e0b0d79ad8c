/* hooks.h - how a pass reaches the other ranks without knowing of any: functions that it is
 * handed, and calls at the right moments.
 */
#ifndef LOCKSTEP_SLAB_HOOKS_H
#define LOCKSTEP_SLAB_HOOKS_H

/* Sums over the global batch, which batch norm needs. */
typedef struct batch_sums {
    /* [collective] totals[count] = the sum over all grains of the batch, in the tree, of
     * values [this rank's grains][count], which is used up. */
    void (*sum)(void *user, double *values, int count, double *totals);
    void *user;
} batch_sums;

/* What a pass says of the parameters (slab/parameters.h) as it goes through them. Numbers
 * are those of the registry, whose order is that of forward. */
typedef struct parameter_hooks {
    /* The gradients of parameter `first` and of all after it are final, in each of their
     * uses: `first` falls from call to call, and the last one is 0. */
    void (*ready)(void *user, int first);
    /* The gradient of this one use of parameter `index` is final; those of others, if it is
     * tied, may come much later. Said once, and before a `ready` that covers `index`; NULL:
     * nobody wants to know. */
    void (*ready_use)(void *user, int index, int use);
    /* The values of the parameters up to `last` are about to be read: in a forward pass
     * `last` rises from call to call, but where a decoder runs more than once. The first
     * `ready` comes after all have been. */
    void (*need)(void *user, int last);
    /* Between two products: move messages along, without waiting. Called often, by the thread
     * that runs the pass alone, inside of parallel regions too; NULL: nobody has messages. */
    void (*move)(void *user);
    void *user;
} parameter_hooks;

/* Where products read another form of the weights than their values: makes it of those of the
 * parameters up to `last`, once they are there. */
typedef struct packing_hook {
    void (*pack)(void *user, int last);
    void *user;
} packing_hook;

#endif
