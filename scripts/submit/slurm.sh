#!/bin/bash
# Train in a Slurm job that goes on by itself when its time is up:
#
#   scripts/submit/slurm.sh [OPTION...] [SBATCH-OPTION... --] CONFIG [--set KEY=VALUE ...]
#   scripts/submit/slurm.sh [OPTION...] --array=1-RUNS [SBATCH-OPTION...] -- sweep FOLDER
#
#   scripts/submit/slurm.sh --nodes=4 --ntasks-per-node=8 -- configs/mine.yaml
#
#   --dry-run          print what would be submitted, and submit nothing
#   --ranks N          in the place of the job's tasks
#   --launcher srun    start the ranks by srun --mpi=pmix, not by mpirun
#
# CONFIG may have before it what run.sh takes after -n (`-- --retries 3 CONFIG`). What stands below
# is told to sbatch, unless an SBATCH-OPTION says otherwise. Before the time is up, SIGUSR1 makes
# the run save and Slurm requeue the job. SIGTERM saves and ends:
#
#   scancel --batch --signal=TERM JOB
#
# A preempted job is requeued where Slurm does that. A lost rank is started again within
# the job, and a lost node makes Slurm requeue it. `sbatch SBATCH-OPTION...
# scripts/submit/slurm.sh CONFIG` does as well: Slurm runs a copy, which looks for scripts/ in
# LOCKSTEP_SCRIPTS or in the folder of the submission.

#SBATCH --job-name=lockstep
#SBATCH --time=04:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append

set -u

# shellcheck disable=SC2034 # job.sh reads these
{
    retries=10 # within the job, until Slurm notices that a node is gone
    name=slurm.sh
    directive='#SBATCH'
    submitter=(sbatch)
    early=
    task=${SLURM_ARRAY_TASK_ID:-}
}
self=$(readlink -f "$0")
root=${self%/scripts/submit/*}
[ -e "$root/scripts/submit/job.sh" ] ||
    root=$(readlink -f "${LOCKSTEP_SCRIPTS:-${SLURM_SUBMIT_DIR:-.}/scripts}/..")

job_begin() { :; }

job_again() {
    local job=$SLURM_JOB_ID

    # An array's last task has the number of the array, by which Slurm would requeue all.
    [ -z "${SLURM_ARRAY_JOB_ID:-}" ] || job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
    echo "slurm.sh: the time is up: Slurm starts job $job again, from what is saved." >&2
    scontrol requeue "$job" ||
        echo "slurm.sh: job $job is not requeued: submit it again, it goes on." >&2
}

source "$root/scripts/submit/job.sh" ||
    { echo "slurm.sh: LOCKSTEP_SCRIPTS must name the folder scripts/ of Lockstep" >&2; exit 2; }
job_main "$@"
