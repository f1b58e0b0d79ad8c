#!/bin/bash
# Train in a PBS job; when its time is up the next one goes on by itself:
#
#   scripts/submit/pbs.sh [OPTION...] [QSUB-OPTION... --] CONFIG [--set KEY=VALUE ...]
#   scripts/submit/pbs.sh [OPTION...] -J 1-RUNS [QSUB-OPTION...] -- sweep FOLDER
#
#   scripts/submit/pbs.sh -l select=4:ncpus=8:mpiprocs=8 -l walltime=04:00:00 -- configs/mine.yaml
#
#   --dry-run          print what would be submitted, and submit nothing
#   --ranks N          in the place of the lines of PBS_NODEFILE
#   --early SECONDS    that long before its time is up the job saves and goes on in another; 300
#
# CONFIG may have before it what run.sh takes after -n (`-- --retries 3 --drop-lost CONFIG`). What
# stands below is told to qsub, unless a QSUB-OPTION says otherwise. PBS sends nothing before the
# time is up, so the job asks for its walltime; when the run has saved, it submits the same job
# again. qdel sends SIGTERM: the run saves and ends, in the seconds that the server's kill_delay
# leaves it. A lost rank is started again within the job, and a lost host makes PBS start the job
# again.

#PBS -N lockstep
#PBS -S /bin/bash
#PBS -V
#PBS -j oe
#PBS -r y
#PBS -l walltime=04:00:00

set -u

# shellcheck disable=SC2034 # job.sh reads these
{
    retries=10 # within the job
    early=300
    name=pbs.sh
    directive='#PBS'
    submitter=(qsub)
    task=${LOCKSTEP_TASK:-${PBS_ARRAY_INDEX:-}}
}
self=$(readlink -f "$0")
root=${self%/scripts/submit/*}
[ -e "$root/scripts/submit/job.sh" ] ||
    root=$(readlink -f "${LOCKSTEP_SCRIPTS:-${PBS_O_WORKDIR:-.}/scripts}/..")

job_begin() {
    job_stop_before "$(qstat -f "$PBS_JOBID" |
        sed -n 's/^ *Resource_List.walltime = \([0-9:]*\)$/\1/p')"
}

job_again() {
    echo "pbs.sh: the time is up: another job goes on from what is saved." >&2
    job_submit_again -J ||
        echo "pbs.sh: this host cannot submit it: submit the job again, it goes on." >&2
}

source "$root/scripts/submit/job.sh" ||
    { echo "pbs.sh: LOCKSTEP_SCRIPTS must name the folder scripts/ of Lockstep" >&2; exit 2; }
job_main "$@"
