"""What compare_decoding.py compares: each engine decodes a file in a process of its own."""
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# One thread; and memory is not given back between steps: page faults cost PyTorch up to a
# fifth of its rate.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
               "MALLOC_MMAP_THRESHOLD_": str(1 << 40), "MALLOC_TRIM_THRESHOLD_": str(1 << 40)}


@dataclasses.dataclass
class Options:
    """How to decode, for every engine alike."""

    beam: int = 1
    batch: int = 64
    length_penalty: float = 0.0
    min_length: int = 0
    max_length: int = 100
    max_ratio: float = 1000.0  # CTranslate2 has no such limit

    def limit(self, source):
        """Of an output's symbols, from the source's."""
        return min(self.max_length, int(self.max_ratio * source + 10))

    def penalty(self, length):
        return ((5 + length) / 6) ** self.length_penalty


@dataclasses.dataclass
class Run:
    """What a process took: seconds, seconds of the processor, bytes at the most; what it says."""

    wall: float
    processor: float
    memory: int
    said: dict


def run_process(command, environment):
    """Ends the program with what the process says if it fails."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile("w+") as complaints, subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=complaints, text=True,
            env={**os.environ, **ENVIRONMENT, **environment}) as process:
        said = process.stdout.read()
        _, state, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(state)
        complaints.seek(0)
        if process.returncode:
            sys.exit(f"{complaints.read()}failed: {' '.join(map(str, command))}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024,
               json.loads(said) if said.startswith("{") else {})


class Lockstep:
    """`predict`, from one file into another."""

    def __init__(self, program, checkpoint, folder):
        self.program, self.checkpoint = program, checkpoint
        self.nothing, self.output = folder / "nothing.txt", folder / "lockstep.txt"
        self.nothing.touch()
        keys = subprocess.run([program, "config", "--reference"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        self.has_batch = "### decode.batch\n" in keys

    def settings(self, options):
        wanted = {"search": "greedy", "max_length": options.max_length,
                  "max_ratio": options.max_ratio}
        if options.beam > 1:
            wanted.update(search="beam", beam=options.beam, length_penalty=options.length_penalty)
        if options.min_length:
            wanted["min_length"] = options.min_length
        if self.has_batch:
            wanted["batch"] = options.batch
        return [word for key, value in wanted.items() for word in ("--set", f"decode.{key}={value}")]

    def run(self, sources, options):
        done = run_process([self.program, "predict", self.checkpoint, "--input", sources,
                            "--output", self.output, "--set", "run.threads=1",
                            *self.settings(options)], {})
        done.said = {"outputs": self.output.read_text(encoding="utf-8").splitlines()}
        return done

    def decoding_seconds(self, sources, options, repeat, clock):
        """Of the whole less that of an empty input."""
        def best(path):
            return min(getattr(self.run(path, options), clock) for _ in range(repeat))
        return best(sources) - best(self.nothing)


class Child:
    """An engine of Python's: this file as a program."""

    has_batch = True

    def __init__(self, module, model, environment):
        self.module, self.model, self.environment = module, model, environment

    def run(self, sources, options, passes=1):
        job = {"module": self.module, "model": str(self.model), "sources": str(sources),
               "options": dataclasses.asdict(options), "passes": passes}
        return run_process([sys.executable, __file__, json.dumps(job)], self.environment)

    def decoding_seconds(self, sources, options, repeat, clock):
        return self.run(sources, options, repeat).said[clock]


def do_job(module, model, sources, options, passes):
    """Decode `passes` times: the shortest times, the last outputs and their tokens."""
    decoder = __import__(module).Decoder(model)
    options = Options(**options)
    lines = pathlib.Path(sources).read_text(encoding="utf-8").splitlines()
    clocks = {"wall": time.perf_counter, "processor": time.process_time}
    seconds = {name: [] for name in clocks}
    for _ in range(passes):
        begin = {name: clock() for name, clock in clocks.items()}
        outputs = decoder.decode([decoder.source.cut(line) for line in lines], options)
        texts = [decoder.target.join(output) for output in outputs]
        for name, clock in clocks.items():
            seconds[name].append(clock() - begin[name])
    return {"outputs": texts, "tokens": [len(output) + 1 for output in outputs],
            **{name: min(times) for name, times in seconds.items()}}


if __name__ == "__main__":
    print(json.dumps(do_job(**json.loads(sys.argv[1]))))
