/* patience.c - how a simulated rank waits: it sleeps until something comes, or for ever, of
 * which SimGrid says that it is a deadlock. */
#include <stdlib.h>

#include "../private.h"
#include "costs.h"
#include "lockstep/base/clock.h"

patience patience_begin(void)
{
    double now = clock_seconds();

    return (patience){.start = now, .progress = now, .seen = now};
}

bool patience_lost(patience *p, const world *w)
{
    (void)p;
    (void)w;
    return false;
}

void patience_end(const patience *p, world *w)
{
    note_waited(w, clock_seconds() - p->start);
}

int patience_poll(world *w, bool waiting, int *count)
{
    costs_pay();
    int code = (waiting ? MPI_Waitsome : MPI_Testsome)(w->used, w->requests, count, w->finished,
                                                       w->statuses);

    for (int i = 0; code == MPI_SUCCESS && *count != MPI_UNDEFINED && i < *count; i++) {
        const flight *f = &w->flights[w->finished[i]];
        int bytes;

        MPI_Get_count(&w->statuses[i], MPI_BYTE, &bytes);
        if (!f->sending)
            costs_pay_message(w->rank, f->peer, (size_t)bytes);
    }
    return code;
}

void report_stall(world *w, const patience *p, const char *what)
{
    (void)p;
    abort_with_words(w, EXIT_FAILURE, what);
}

void mpi_finish(world *w, MPI_Request *pending, const char *what)
{
    patience p = patience_begin();

    (void)what;
    costs_pay();
    MPI_DO(w, MPI_Wait(pending, MPI_STATUS_IGNORE));
    patience_end(&p, w);
}
