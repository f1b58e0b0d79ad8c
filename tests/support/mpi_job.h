/* mpi_job.h - a test program that starts itself under mpirun, to see how a job ends. */
#ifndef LOCKSTEP_TESTS_MPI_JOB_H
#define LOCKSTEP_TESTS_MPI_JOB_H

/* The exit status of so many ranks of this very program with the argument `act`. */
int mpi_job_run(int ranks, const char *act);

/* What the last job printed, on both streams. */
const char *mpi_job_output(void);

/* How often the last job printed it. */
int mpi_job_count(const char *text);

#endif
