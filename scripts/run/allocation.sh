# shellcheck shell=bash
# allocation.sh - the ranks that a batch system gave to the job in which this runs, and how they
# are started there. For run.sh, and for submit/job.sh.

# The sum of "8(x3),4", which is three hosts with eight tasks and one with four.
sum_tasks() {
    local part sum=0

    for part in ${1//,/ }; do
        [[ ! $part =~ ^([0-9]+)(\(x([0-9]+)\))?$ ]] ||
            sum=$((sum + BASH_REMATCH[1] * ${BASH_REMATCH[3]:-1}))
    done
    echo $((sum > 0 ? sum : 1))
}

# A number of ranks; 1 outside of a job.
allocated_ranks() {
    if [ -n "${SLURM_NTASKS:-}" ]; then
        echo "$SLURM_NTASKS"
    elif [ -n "${SLURM_TASKS_PER_NODE:-}" ]; then
        sum_tasks "$SLURM_TASKS_PER_NODE"
    elif [ -n "${PE_HOSTFILE:-}" ]; then
        echo "${NSLOTS:-1}"
    elif [ -r "${PBS_NODEFILE:-}" ]; then
        grep -c . "$PBS_NODEFILE" # a line for each rank
    else
        echo 1
    fi
}

# Sets `launch`: the ranks are Slurm's own tasks. Those that a lost one leaves behind would wait.
launch_by_srun() {
    launch=(srun --mpi=pmix --kill-on-bad-exit=1)
    # Which srun does not take over from sbatch.
    [ -z "${SLURM_CPUS_PER_TASK:-}" ] || launch+=("--cpus-per-task=$SLURM_CPUS_PER_TASK")
}
