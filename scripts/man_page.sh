#!/bin/bash
# Print the manual page, lockstep(1), of a program: its verbs and their options as --help
# has them, every key of a configuration as `config --reference` has it.
#
#   scripts/man_page.sh PROGRAM >lockstep.1
set -euo pipefail

program=${1:?usage: scripts/man_page.sh PROGRAM}

# In text of the program's a backslash, a dash and a leading dot or quote mean themselves.
escape='
function escaped(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    return text ~ /^[.'\'']/ ? "\\\\&" text : text
}'

# "  name  operands  summary" of the usage, one verb on a line.
verbs() {
    "$program" --help | awk '/^  [a-z]+ / { print $1 }'
}

# A verb's --help: the usage, a summary, the options two columns wide.
verb() {
    "$program" "$1" --help | awk "$escape"'
    /^usage: / { print ".SS \"" escaped(substr($0, 8)) "\""; next }
    /^  -/ {
        option = help = substr($0, 3)
        sub(/  .*/, "", option)
        sub(/^.*  +/, "", help)
        print ".TP\n.B " escaped(option) "\n" escaped(help)
        next
    }
    NF { print escaped($0) "." }'
}

# "## section", "### key", its help, "- value: ...": a paragraph for each key.
keys() {
    "$program" config --reference | awk "$escape"'
    /^# / || !NF { next }
    /^## / { print ".SS " $2; next }
    /^### / { print ".TP\n.B " escaped($2); key = 1; next }
    /^- / && key { print ".br\n" escaped(substr($0, 3)); next }
    { print escaped($0) }'
}

version=$("$program" --version | head -n 1)
day=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%d)
cat <<END
.TH LOCKSTEP 1 "$day" "$version" "User Commands"
.SH NAME
lockstep \- train encoder\-decoder Transformers on clusters of CPUs
.SH SYNOPSIS
.B lockstep
.I VERB
.RI [ OPTION ]...
.RI [ OPERAND ]...
.br
.B mpirun \-n
.I RANKS
.B lockstep
.I VERB
.RI [ OPTION ]...
.RI [ OPERAND ]...
.SH DESCRIPTION
Lockstep makes datasets out of text, trains on any number of ranks and
decodes, all from one configuration in YAML.
The same configuration, data and seed give the same bits on any number of
ranks; a run that was stopped goes on from its newest checkpoint.
.PP
\fIRUN\fR is the folder of a run, or one checkpoint.
\fB\-\-flag value\fR and \fB\-\-flag=value\fR are the same, \fB\-\-\fR ends
the options.
.SH VERBS
END
for verb in $(verbs); do verb "$verb"; done
echo ".SH CONFIGURATION"
keys
cat <<'END'
.SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
Failed: a file, memory, or a damaged checkpoint.
.TP
.B 2
Wrong usage, configuration or input.
.TP
.BI 128+ n
Stopped by signal
.IR n ,
with the state saved.
.PP
A failure says in one line what was wrong, where, and what to do.
.SH ENVIRONMENT
.TP
.B LOCKSTEP_KERNELS
The instruction set of the inner loops:
.BR v2 ", " v3 " or " v4 ,
the levels of x86\-64;
.B bf16
or
.BR amx ,
the last of them with AVX512_BF16, and with AMX too; elsewhere
.BR native .
Without it, the best that the processor has. All give the same bits.
.TP
.B OPENBLAS_CORETYPE
The kernels of OpenBLAS, for example
.BR Haswell .
Without it, those that suit the processors of all ranks, also where OpenBLAS does not know
the processor and would choose less.
.TP
.BR OMP_WAIT_POLICY ", " GOMP_SPINCOUNT ", " KMP_BLOCKTIME
How OpenMP's threads wait.
Without them, where the ranks of a host have more threads than cores, the program starts itself
again with
.B OMP_WAIT_POLICY=passive
before MPI starts.
.TP
.B LOCKSTEP_START_SECONDS
How long a rank waits for all others to start, 300 without it; 0 waits for ever.
Afterwards distributed.stall_seconds holds.
.TP
.B LOCKSTEP_RETRIES
Set by scripts/run.sh \-\-retries: what the program itself reports as failed then ends with 70, and
a run's folder that another job holds with 71, since mpirun says 1 too.
.TP
.B LOCKSTEP_TERMINAL
When set, progress is written as to a terminal also where standard error is a pipe.
.TP
.B LOCKSTEP_RELAY
Set by run.sh: SIGUSR2 says that nobody reads the output any more.
.TP
.B LOCKSTEP
Read by the scripts: another program for them to start.
.TP
.BR OMPI_COMM_WORLD_LOCAL_SIZE ", " MPI_LOCALNRANKS ", " SLURM_STEP_TASKS_PER_NODE
Tell how many ranks were started on the host.
.TP
.BR OMPI_COMM_WORLD_SIZE ", " PMIX_RANK ", " PMI_RANK ", " SLURM_STEP_NUM_TASKS
Tell that mpirun or srun has started the program, which then joins the other ranks.
.SH FILES
.TP
.IR RUN /config.yaml
The resolved configuration.
.TP
.IR RUN /train.log ", " RUN /metrics.jsonl
What was printed, and its numbers, one JSON object on a line.
.TP
.IR RUN /starts.jsonl
Each start of training: when, the command line, what changed, where, one JSON object on a line.
.TP
.IR RUN /tensorboard
With
.BR "run.tensorboard: true" :
event files.
.TP
.IR RUN /trace.json
Of
.BR "train \-\-trace" :
where the time went.
.TP
.IR RUN /checkpoints/step\-0000001000.h5
A checkpoint in HDF5, with the names and shapes of torch.nn.Transformer.
.TP
.I PREFIX/share/lockstep/configs
Complete recipes, with comments.
.TP
.I PREFIX/share/lockstep/scripts
.B run.sh
trains on several ranks so that a signal saves;
.B sweep.py
trains a grid of settings;
.B scaling.sh
measures how training steps scale over ranks, threads and hosts;
.BR submit/slurm.sh ", " submit/pbs.sh " and " submit/gridengine.sh
submit a batch job that goes on by itself when its time is up,
.B submit/hosts.sh
trains on the hosts of a file;
.B cmudict.py
and
.B bible.py
make the data of recipes;
.B load_in_torch.py
reads a checkpoint;
.B plot_run.py
draws the course of runs,
.B plot_scaling.py
what scaling.sh has measured.
.SH SEE ALSO
.BR mpirun (1),
.BR h5dump (1),
.BR sbatch (1)
END
