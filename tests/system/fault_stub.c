/* fault_stub.c - preloaded, makes one rank fail.
 *
 *   LOCKSTEP_FAULT=RANK:AFTER:WHAT[:WHERE]   e.g. 1:200:sleep:MPI_Isend
 *
 * WHAT happens on that rank after so many reductions over all ranks (MPI_Iallreduce), and
 * once the file LOCKSTEP_FAULT_FILE is there, where that is set:
 *
 *   exit, _exit, segfault, abort, kill   at the next call of WHERE
 *   loop, sleep                          likewise, for ever
 *   bit                                  one bit flips in the next parameters that another rank
 *                                        has sent
 *
 * WHERE is a function below; without it MPI_Iallreduce.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <mpi.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VALUE_TAGS = 20000, LAST_TAG = 30000 }; /* of parameters, exchange/private.h */

static long reductions;

/* The fault when it is due on this rank, "" when not. */
static const char *due(void)
{
    const char *fault = getenv("LOCKSTEP_FAULT"), *rank = getenv("OMPI_COMM_WORLD_RANK");
    char *end;

    if (fault == NULL || rank == NULL || strtol(fault, &end, 10) != strtol(rank, NULL, 10))
        return "";
    if (getenv("LOCKSTEP_FAULT_FILE") != NULL &&
        access(getenv("LOCKSTEP_FAULT_FILE"), F_OK) != 0)
        return "";
    return reductions > strtol(end + 1, &end, 10) ? end + 1 : "";
}

static int is(const char *what)
{
    size_t length = strlen(what);
    const char *fault = due();

    return strncmp(fault, what, length) == 0 && strchr(":", fault[length]) != NULL;
}

static void fail_in(const char *function)
{
    const char *where = strchr(due(), ':');
    volatile int forever = 1;

    if (strcmp(where != NULL ? where + 1 : "MPI_Iallreduce", function) != 0)
        return;
    if (is("exit"))
        exit(3);
    if (is("_exit"))
        _exit(4);
    if (is("segfault"))
        *(volatile int *)8 = 1;
    if (is("abort"))
        abort();
    if (is("kill"))
        kill(getpid(), SIGKILL);
    while (is("loop") && forever)
        ;
    while (is("sleep"))
        sleep(1);
}

/* ---- what a rank calls ---- */

int MPI_Iallreduce(const void *in, void *out, int count, MPI_Datatype type, MPI_Op op,
                   MPI_Comm comm, MPI_Request *request)
{
    reductions++;
    fail_in(__func__);
    return PMPI_Iallreduce(in, out, count, type, op, comm, request);
}

int MPI_Isend(const void *data, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
              MPI_Request *request)
{
    if (count > 0)
        fail_in(__func__);
    return PMPI_Isend(data, count, type, peer, tag, comm, request);
}

int MPI_Test(MPI_Request *request, int *done, MPI_Status *status)
{
    fail_in(__func__);
    return PMPI_Test(request, done, status);
}

int MPI_Finalize(void)
{
    fail_in(__func__);
    return PMPI_Finalize();
}

typedef void (*product_function)(int, int, int, int, int, int, float, const float *, int,
                                 const float *, int, float, float *, int);
extern void cblas_sgemm(int, int, int, int, int, int, float, const float *, int, const float *,
                        int, float, float *, int);

void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a,
                 int lda, const float *b, int ldb, float beta, float *c, int ldc)
{
    static product_function real;

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "cblas_sgemm");
    fail_in(__func__);
    real(order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

/* ---- a wrong bit ---- */

static struct {
    uint32_t *number; /* NULL: none is expected */
    MPI_Request request;
} flip;

int MPI_Irecv(void *data, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
              MPI_Request *request)
{
    int code = PMPI_Irecv(data, count, type, peer, tag, comm, request);

    if (flip.number == NULL && VALUE_TAGS <= tag && tag < LAST_TAG && count > 0 && is("bit")) {
        flip.number = data;
        flip.request = *request;
    }
    return code;
}

int MPI_Testsome(int count, MPI_Request *requests, int *finished, int *indices,
                 MPI_Status *statuses)
{
    int watched = -1;

    fail_in(__func__);
    for (int i = 0; i < count && flip.number != NULL; i++)
        if (requests[i] == flip.request)
            watched = i;
    int code = PMPI_Testsome(count, requests, finished, indices, statuses);
    for (int i = 0; watched >= 0 && *finished != MPI_UNDEFINED && i < *finished; i++)
        if (indices[i] == watched) {
            *flip.number ^= 1;
            unsetenv("LOCKSTEP_FAULT");
            flip.number = NULL;
        }
    return code;
}
