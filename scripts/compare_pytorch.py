#!/usr/bin/python3
"""Lockstep's training step against PyTorch's at its best: tokens a second and peak memory, for
the same model on random sentences without padding.

    scripts/compare_pytorch.py CONFIG [--vocabulary 10000] [--length 20] [--threads 1]
                               [--modes float32,medium,autocast,compile] [--set KEY=VALUE...]

PyTorch runs torch.nn.Transformer with tied output, label smoothing and Adam, all sentences of a
batch equally long, in each mode by itself: float32; medium (set_float32_matmul_precision, which
is bfloat16 where the processor has it); autocast to bfloat16; and float32 compiled. Lockstep
runs with either engine of products, and in bfloat16. Needs torch: scripts/install.sh torch has
Debian's, and `pip install torch` in an environment whose python runs this script the newest.
"""
import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

from checkpoint_weights import settings_in

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOCKSTEP = os.environ.get("LOCKSTEP", str(ROOT / "build/release/lockstep"))
STEPS = 5
WAYS = {"openblas": ("run.products=openblas",),
        "native": ("run.products=native",),
        "bfloat16": ("run.products=native", "model.precision=bfloat16")}
MODES = ("float32", "medium", "autocast", "compile")


def lockstep(*words):
    done = subprocess.run([LOCKSTEP, *words], text=True, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


def settings_of(config, overrides):
    """{"section.key": value as text} of the resolved configuration."""
    return settings_in(lockstep("config", config, *overrides))


def torch_step(settings, arguments, mode):
    """A function that makes one training step, and the target tokens in it."""
    import torch
    from torch.nn import functional

    vocabulary, places = arguments.vocabulary, arguments.length + 1
    torch.set_num_threads(arguments.threads)
    if mode == "medium":
        torch.set_float32_matmul_precision("medium")
    torch.manual_seed(1)
    width = int(settings["model.width"])
    batch = max(1, int(settings["batch.tokens"]) // places)
    pre = settings.get("model.norm_position", "post") == "pre"
    model = torch.nn.Transformer(
        width, int(settings["model.heads"]), int(settings["model.encoder_layers"]),
        int(settings["model.decoder_layers"]), int(settings["model.feed_forward"]),
        float(settings.get("model.dropout", 0)), settings.get("model.activation", "relu"),
        batch_first=True, norm_first=pre)
    if not pre:
        model.encoder.norm = model.decoder.norm = None
    source = torch.nn.Embedding(vocabulary, width)
    target = torch.nn.Embedding(vocabulary, width)
    bias = torch.nn.Parameter(torch.zeros(vocabulary))
    parameters = [*model.parameters(), *source.parameters(), *target.parameters(), bias]
    adam = torch.optim.Adam(parameters, lr=1e-4, betas=(0.9, 0.98), eps=1e-9)
    mask = model.generate_square_subsequent_mask(places)

    def loss_of(ids):
        hidden = model(source(ids[0]) * width ** 0.5, target(ids[1]) * width ** 0.5, tgt_mask=mask)
        logits = functional.linear(hidden, target.weight, bias).flatten(0, 1)
        return functional.cross_entropy(logits, ids[1].flatten(), label_smoothing=0.1)

    if mode == "compile":
        loss_of = torch.compile(loss_of)

    def step():
        ids = torch.randint(3, vocabulary, (2, batch, places))
        with torch.autocast("cpu", torch.bfloat16, enabled=mode == "autocast"):
            loss = loss_of(ids)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()

    return step, batch * places


def measure_torch(settings, arguments):
    import torch

    step, tokens = torch_step(settings, arguments, arguments.mode)
    for _ in range(2):  # the first one compiles
        step()
    begin = time.perf_counter()
    for _ in range(STEPS):
        step()
    seconds = (time.perf_counter() - begin) / STEPS
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"tokens_per_second": tokens / seconds, "peak_memory_bytes": peak,
            "version": torch.__version__}


def run_torch(mode, threads):
    """A process of its own, so that the peak is this mode's; and one that gives no memory back
    between steps, without which page faults nearly halve its rate. None where it fails."""
    done = subprocess.run([sys.executable, __file__, *sys.argv[1:], "--mode", mode],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          env={**os.environ, "OMP_NUM_THREADS": str(threads),
                               "MALLOC_MMAP_THRESHOLD_": str(1 << 40),
                               "MALLOC_TRIM_THRESHOLD_": str(1 << 40)})
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["killed"])[-1]
        print(f"PyTorch, {mode}: left out: {last}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def run_lockstep(arguments, overrides, way):
    settings = [word for setting in (*WAYS[way], f"run.threads={arguments.threads}")
                for word in ("--set", setting)]
    return json.loads(lockstep(
        "bench", arguments.config, "--json", *overrides, *settings, "--vocabulary",
        str(arguments.vocabulary), "--length", str(arguments.length)))


def compare(ours, theirs):
    """What the best of each says of the other."""
    (way, us), (mode, them) = (max(group.items(), key=lambda item: item[1]["tokens_per_second"])
                                  for group in (ours, theirs))
    rate = us["tokens_per_second"] / them["tokens_per_second"]
    memory = us["peak_memory_bytes"] / them["peak_memory_bytes"]
    verdict = "" if rate >= 1 else "Lockstep loses: "
    print(f"{verdict}{rate:.2f} times the tokens/s of PyTorch's best ({mode}), by {way}, "
          f"in {memory:.2f} of its memory")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("config")
    parser.add_argument("--vocabulary", type=int, default=10000)
    parser.add_argument("--length", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--modes", default=",".join(MODES), help="of " + ", ".join(MODES))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--mode", help=argparse.SUPPRESS)  # this process is to run
    arguments = parser.parse_args()
    overrides = [word for setting in arguments.set for word in ("--set", setting)]
    if arguments.mode:
        print(json.dumps(measure_torch(settings_of(arguments.config, overrides), arguments)))
        return
    modes = arguments.modes.split(",")
    if set(modes) - set(MODES):
        parser.error(f"--modes: of {', '.join(MODES)}, separated by commas")
    theirs = {mode: done for mode in modes if (done := run_torch(mode, arguments.threads))}
    if not theirs:
        sys.exit("PyTorch did not run; install it with: scripts/install.sh torch")
    ours = {way: run_lockstep(arguments, overrides, way) for way in WAYS}
    print(f"{ours['native']['processor']}, threads: {arguments.threads}; "
          f"PyTorch {next(iter(theirs.values()))['version']}")
    print(f"{'':20}{'tokens/s':>10}{'peak memory':>13}")
    for name, group in (("Lockstep", ours), ("PyTorch", theirs)):
        for kind, of in group.items():
            print(f"{name + ', ' + kind:20}{of['tokens_per_second']:10.0f}"
                  f"{of['peak_memory_bytes'] / 1e6:10.0f} MB")
    compare(ours, theirs)


if __name__ == "__main__":
    main()
