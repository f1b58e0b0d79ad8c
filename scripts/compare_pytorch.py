#!/usr/bin/python3
"""Lockstep's training step against PyTorch's, on one core: tokens a second and peak
memory, for the same model on random sentences without padding.

    scripts/compare_pytorch.py CONFIG [--vocabulary 10000] [--length 20] [--set KEY=VALUE...]

PyTorch runs torch.nn.Transformer with tied output, label smoothing and Adam, all
sentences of a batch equally long. Needs python3-torch (scripts/install.sh torch).
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


def lockstep(*words):
    done = subprocess.run([LOCKSTEP, *words], text=True, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


def settings_of(config, overrides):
    """{"section.key": value as text} of the resolved configuration."""
    return settings_in(lockstep("config", config, *overrides))


def torch_step(settings, vocabulary, length):
    """A function that makes one training step, and the target tokens in it."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)
    torch.manual_seed(1)
    width = int(settings["model.width"])
    places = length + 1
    batch = max(1, int(settings["batch.tokens"]) // places)
    pre = settings.get("model.norm_position", "post") == "pre"
    model = torch.nn.Transformer(
        width, int(settings["model.heads"]), int(settings["model.encoder_layers"]),
        int(settings["model.decoder_layers"]), int(settings["model.feed_forward"]),
        float(settings.get("model.dropout", 0)), batch_first=True, norm_first=pre)
    if not pre:
        model.encoder.norm = model.decoder.norm = None
    source = torch.nn.Embedding(vocabulary, width)
    target = torch.nn.Embedding(vocabulary, width)
    bias = torch.nn.Parameter(torch.zeros(vocabulary))
    parameters = [*model.parameters(), *source.parameters(), *target.parameters(), bias]
    adam = torch.optim.Adam(parameters, lr=1e-4, betas=(0.9, 0.98), eps=1e-9)
    mask = model.generate_square_subsequent_mask(places)

    def step():
        ids = torch.randint(3, vocabulary, (2, batch, places))
        hidden = model(source(ids[0]) * width ** 0.5, target(ids[1]) * width ** 0.5, tgt_mask=mask)
        logits = functional.linear(hidden, target.weight, bias).flatten(0, 1)
        loss = functional.cross_entropy(logits, ids[1].flatten(), label_smoothing=0.1)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()

    return step, batch * places


def measure_torch(settings, vocabulary, length):
    step, tokens = torch_step(settings, vocabulary, length)
    step()
    begin = time.perf_counter()
    for _ in range(STEPS):
        step()
    seconds = (time.perf_counter() - begin) / STEPS
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"tokens_per_second": tokens / seconds, "peak_memory_bytes": peak}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("config")
    parser.add_argument("--vocabulary", type=int, default=10000)
    parser.add_argument("--length", type=int, default=20)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--torch-alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    overrides = [word for setting in arguments.set for word in ("--set", setting)]
    if arguments.torch_alone:
        settings = settings_of(arguments.config, overrides)
        print(json.dumps(measure_torch(settings, arguments.vocabulary, arguments.length)))
        return
    # A process of its own, so that the peak is PyTorch's; and one that gives no memory back
    # between steps, without which page faults nearly halve its rate.
    theirs = subprocess.run([sys.executable, __file__, *sys.argv[1:], "--torch-alone"],
                            stdout=subprocess.PIPE, check=False,
                            env={**os.environ, "OMP_NUM_THREADS": "1",
                                 "MALLOC_MMAP_THRESHOLD_": str(1 << 40),
                                 "MALLOC_TRIM_THRESHOLD_": str(1 << 40)})
    if theirs.returncode:
        sys.exit("PyTorch did not run; install it with: scripts/install.sh torch")
    theirs = json.loads(theirs.stdout)
    ours = json.loads(lockstep("bench", arguments.config, "--json", *overrides, "--vocabulary",
                               str(arguments.vocabulary), "--length", str(arguments.length)))
    rate = ours["tokens_per_second"] / theirs["tokens_per_second"]
    memory = ours["peak_memory_bytes"] / theirs["peak_memory_bytes"]
    print(f"{'':12}{'tokens/s':>10}{'utilisation':>13}{'peak memory':>13}")
    for name, of, share in (("lockstep", ours, 1), ("PyTorch", theirs, 1 / rate)):
        print(f"{name:12}{of['tokens_per_second']:10.0f}{ours['utilisation'] * share:13.0%}"
              f"{of['peak_memory_bytes'] / 1e6:10.0f} MB")
    print(f"{'ratio':12}{rate:10.2f}{'':13}{memory:13.2f}")


if __name__ == "__main__":
    main()
