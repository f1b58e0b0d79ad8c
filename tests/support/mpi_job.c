/* mpi_job.c - mpirun with this very program as the job. */
#include "mpi_job.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char output[65536];

/* Open MPI 5 ends words of its own with a zero byte; those of a rank may follow. */
static void end_at_the_end(size_t used)
{
    for (size_t i = 0; i < used; i++)
        if (output[i] == '\0')
            output[i] = '\n';
    output[used] = '\0';
}

int mpi_job_run(int ranks, const char *act)
{
    char self[1024] = "", command[2048];
    size_t used = 0, got;

    ck_assert_int_gt(readlink("/proc/self/exe", self, sizeof(self) - 1), 0);
    snprintf(command, sizeof(command),
             "mpirun --allow-run-as-root --oversubscribe --bind-to none -n %d "
             "'%s' %s 2>&1",
             ranks, self, act);
    FILE *job = popen(command, "r");
    ck_assert_ptr_nonnull(job);
    while ((got = fread(output + used, 1, sizeof(output) - 1 - used, job)) > 0)
        used += got;
    end_at_the_end(used);
    int ended = pclose(job);
    ck_assert(WIFEXITED(ended));
    return WEXITSTATUS(ended);
}

const char *mpi_job_output(void)
{
    return output;
}

int mpi_job_count(const char *text)
{
    int count = 0;

    for (const char *at = output; (at = strstr(at, text)) != NULL; at++)
        count++;
    return count;
}
