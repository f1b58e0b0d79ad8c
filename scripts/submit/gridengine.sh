#!/bin/bash
# Train in a job of Grid Engine that goes on by itself when its time is up:
#
#   scripts/submit/gridengine.sh [OPTION...] [QSUB-OPTION... --] CONFIG [--set KEY=VALUE ...]
#   scripts/submit/gridengine.sh [OPTION...] -t 1-RUNS [QSUB-OPTION...] -- sweep FOLDER
#
#   scripts/submit/gridengine.sh -pe mpi 32 -l h_rt=04:00:00 -- configs/mine.yaml
#
#   --dry-run          print what would be submitted, and submit nothing
#   --ranks N          in the place of the slots of the parallel environment
#   --early SECONDS    that long before its time is up the job saves and goes on in another; 300
#
# CONFIG may have before it what run.sh takes after -n (`-- --retries 3 CONFIG`). The name of the
# parallel environment (`mpi`) is each cluster's own: qconf -spl. What stands below is told to qsub,
# unless a QSUB-OPTION says otherwise. The job asks for its limit (h_rt); when the run has saved,
# status 99 puts the job back into the queue, or on several hosts it submits the same job again.
# The soft limit (s_rt) does as well on one host, but on several Grid Engine 8.1.9 kills the job
# then. qdel sends SIGUSR2 (-notify): the run saves and ends. A lost rank is started again within
# the job, and a lost host makes Grid Engine start the job again where reschedule_unknown is set.
# `qsub QSUB-OPTION... scripts/submit/gridengine.sh CONFIG` does as well, but for several hosts: Grid
# Engine runs a copy, which looks for scripts/ in LOCKSTEP_SCRIPTS or in the folder of the submission.

#$ -N lockstep
#$ -S /bin/bash
#$ -V
#$ -cwd
#$ -j y
#$ -r y
#$ -notify
#$ -l h_rt=04:00:00

set -u

# shellcheck disable=SC2034 # job.sh reads these
{
    retries=10 # within the job
    early=300
    name=gridengine.sh
    directive='#\$'
    submitter=(qsub)
    task=${LOCKSTEP_TASK:-${SGE_TASK_ID:-}}
    [ "$task" != undefined ] || task=
}
self=$(readlink -f "$0")
root=${self%/scripts/submit/*}
[ -e "$root/scripts/submit/job.sh" ] ||
    root=$(readlink -f "${LOCKSTEP_SCRIPTS:-${SGE_O_WORKDIR:-.}/scripts}/..")

job_begin() {
    job_stop_before "$(qstat -j "$JOB_ID" |
        sed -n 's/^hard resource_list:.*h_rt=\([0-9:]*\).*/\1/p')"
}

# After status 99 Grid Engine 8.1.9 waits in vain for the end of what ran on the job's other hosts.
job_again() {
    echo "gridengine.sh: the time is up: the job goes on from what is saved." >&2
    [[ ${NHOSTS:-1} -gt 1 && $inside != copy ]] && job_submit_again -t -tc && return
    exit 99
}

source "$root/scripts/submit/job.sh" ||
    { echo "gridengine.sh: LOCKSTEP_SCRIPTS must name the folder scripts/ of Lockstep"; exit 2; } >&2
job_main "$@"
