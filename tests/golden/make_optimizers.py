#!/usr/bin/python3
"""Make optimizers.h5: updates and learning rates computed by PyTorch in float64.

    tests/golden/make_optimizers.py [FOLDER]

A Lockstep store of kind "golden": numbers to start from, the first ROWS * COLS of them a
matrix, the others a vector; gradients of STEPS steps, summed over each step's tokens; what
every optimizer makes of them; and what every schedule gives for step 1, 2, ... Needs what
make_golden.py needs.
"""
import math
import pathlib
import sys
import warnings

import numpy
import torch
from torch.optim import lr_scheduler

from golden_store import Store

STEPS, ROWS, COLS, VECTOR = 50, 3, 6, 11
FLOATS = ROWS * COLS + VECTOR
RATE_STEPS = 80

# In this order in the file; what is not given is 0.
SETTINGS = ("beta1", "beta2", "alpha", "epsilon", "momentum", "nesterov", "weight_decay",
            "clip_norm", "clip_value")
OPTIMIZERS = {
    "adam": dict(beta1=0.9, beta2=0.98, epsilon=1e-9),
    "adam_by_norm": dict(beta1=0.9, beta2=0.999, epsilon=1e-4, clip_norm=0.5),
    "adamw": dict(beta1=0.9, beta2=0.98, epsilon=1e-9, weight_decay=0.2),
    "adamw_by_value": dict(beta1=0.8, beta2=0.95, epsilon=1e-6, weight_decay=0.5,
                           clip_value=0.1),
    "sgd": dict(),
    "sgd_by_value": dict(clip_value=0.1),
    "sgd_momentum": dict(momentum=0.9),
    "sgd_nesterov": dict(momentum=0.9, nesterov=1),
    "sgd_nesterov_by_norm": dict(momentum=0.6, nesterov=1, clip_norm=0.5),
    "rmsprop": dict(alpha=0.99, epsilon=1e-8),
    "rmsprop_by_value": dict(alpha=0.9, epsilon=1e-3, clip_value=0.1),
}

KEYS = ("peak", "floor", "decay", "warmup", "until", "every", "patience")
SCHEDULES = {
    "constant": dict(peak=0.003),
    "inverse_sqrt": dict(peak=0.003, warmup=10),
    "linear": dict(peak=0.003, floor=0.0003, warmup=10, until=60),
    "linear_cold": dict(peak=0.003, until=70),
    "cosine": dict(peak=0.003, floor=0.0003, warmup=10, until=60),
    "cosine_cold": dict(peak=0.003, until=70),
    "exponential": dict(peak=0.003, floor=0.0003, decay=0.5, warmup=10, every=15),
    "exponential_cold": dict(peak=0.003, decay=0.9, every=1),
    "steps": dict(peak=0.003, floor=0.0003, decay=0.4, warmup=10, every=15),
    "steps_cold": dict(peak=0.003, decay=0.9, every=7),
    "plateau": dict(peak=0.003, floor=0.0002, decay=0.5, patience=3),
    "plateau_impatient": dict(peak=0.003, decay=0.9, patience=1),
}


# ---- optimizers ----

def make_optimizer(name, s, matrix, vector):
    kind = name.split("_")[0]
    if kind == "adam":
        return torch.optim.Adam([matrix, vector], betas=(s["beta1"], s["beta2"]),
                                eps=s["epsilon"])
    if kind == "adamw":
        groups = [dict(params=[matrix], weight_decay=s["weight_decay"]),
                  dict(params=[vector], weight_decay=0.0)]
        return torch.optim.AdamW(groups, betas=(s["beta1"], s["beta2"]), eps=s["epsilon"])
    if kind == "sgd":
        return torch.optim.SGD([matrix, vector], lr=1.0, momentum=s["momentum"],
                               nesterov=bool(s["nesterov"]))
    return torch.optim.RMSprop([matrix, vector], alpha=s["alpha"], eps=s["epsilon"])


def updates(name, settings, start, sums, tokens, rates):
    """Numbers after every step, [STEPS, FLOATS]."""
    cut = ROWS * COLS
    matrix = torch.tensor(start[:cut].reshape(ROWS, COLS), requires_grad=True)
    vector = torch.tensor(start[cut:], requires_grad=True)
    optimizer = make_optimizer(name, settings, matrix, vector)
    after = []
    for step in range(STEPS):
        mean = torch.from_numpy(sums[step] / tokens[step])
        matrix.grad, vector.grad = mean[:cut].reshape(ROWS, COLS).clone(), mean[cut:].clone()
        if settings["clip_norm"]:
            torch.nn.utils.clip_grad_norm_([matrix, vector], settings["clip_norm"])
        if settings["clip_value"]:
            torch.nn.utils.clip_grad_value_([matrix, vector], settings["clip_value"])
        for group in optimizer.param_groups:
            group["lr"] = rates[step]
        optimizer.step()
        after.append(torch.cat([matrix.flatten(), vector]).detach().numpy().copy())
    return numpy.stack(after)


def add_optimizers(store, generator):
    def floats(values):
        return values.astype(numpy.float32).astype(numpy.float64)

    start = floats(generator.uniform(-1, 1, FLOATS))
    tokens = generator.integers(50, 400, STEPS)
    rates = 0.01 / numpy.sqrt(1 + numpy.arange(STEPS) / 10)
    # From 1 down to 2^-10; one number in four steps has no gradient at all.
    sizes = 2.0 ** -(numpy.arange(FLOATS) % 11)
    sums = generator.standard_normal((STEPS, FLOATS)) * sizes * tokens[:, None]
    sums[numpy.arange(STEPS) % 4 != 0, ::8] = 0.0
    sums = floats(sums)
    store.add("recorded", "start", start, "<f4")
    store.add("recorded", "gradients", sums, "<f4")
    store.add("recorded", "tokens", tokens, "<i4")
    store.add("recorded", "rates", rates, "<f8")
    store.group("optimizers")
    for name, given in OPTIMIZERS.items():
        settings = {key: given.get(key, 0.0) for key in SETTINGS}
        store.add(f"optimizers/{name}", "settings", list(settings.values()), "<f8")
        store.add(f"optimizers/{name}", "after",
                  updates(name, settings, start, sums, tokens, rates), "<f8")


# ---- schedules ----

def make_scheduler(name, s, optimizer):
    """The one whose last_epoch counts the steps since the warm-up."""
    kind = name.split("_")[0]
    if kind == "linear":
        return lr_scheduler.LinearLR(optimizer, start_factor=1.0,
                                     end_factor=s["floor"] / s["peak"],
                                     total_iters=s["until"] - s["warmup"])
    if kind == "cosine":
        return lr_scheduler.CosineAnnealingLR(optimizer, T_max=s["until"] - s["warmup"],
                                              eta_min=s["floor"])
    if kind == "exponential":
        return lr_scheduler.ExponentialLR(optimizer, gamma=s["decay"] ** (1 / s["every"]))
    if kind == "steps":
        return lr_scheduler.StepLR(optimizer, step_size=s["every"], gamma=s["decay"])
    if name == "inverse_sqrt":
        return lr_scheduler.LambdaLR(
            optimizer, lambda epoch: math.sqrt(s["warmup"] / (s["warmup"] + epoch)))
    return lr_scheduler.ConstantLR(optimizer, factor=1.0, total_iters=0)


def rates_of(name, s):
    """Of step 1, 2, ... RATE_STEPS."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=s["peak"])
    warmup, rates = s["warmup"], []
    scheduler = make_scheduler(name, s, optimizer)
    if warmup:
        rise = lr_scheduler.LinearLR(optimizer, start_factor=1 / warmup,
                                     total_iters=warmup - 1)
        scheduler = lr_scheduler.SequentialLR(optimizer, [rise, scheduler],
                                              milestones=[warmup - 1])
    else:
        scheduler.step()
    for step in range(1, RATE_STEPS + 1):
        rate = optimizer.param_groups[0]["lr"]
        if s["until"] and step > s["until"]:
            rate = s["floor"]
        rates.append(max(rate, s["floor"]) if step > warmup else rate)
        scheduler.step()
    return rates


def rates_on_plateaus(s, losses):
    """After a validation with each of `losses`."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=s["peak"])
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, factor=s["decay"],
                                               patience=s["patience"] - 1, threshold=0.0,
                                               min_lr=s["floor"], eps=0.0)
    rates = []
    for loss in losses:
        scheduler.step(loss)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


def add_schedules(store, generator):
    losses = 1 / (1 + numpy.arange(RATE_STEPS) / 10) + generator.normal(0, 0.2, RATE_STEPS)
    losses[20], losses[21] = losses[:20].min(), losses[:20].min()  # as good is not better
    store.add("recorded", "losses", losses, "<f8")
    store.group("schedules")
    for name, given in SCHEDULES.items():
        s = {key: given.get(key, 0) for key in KEYS}
        rates = rates_on_plateaus(s, losses) if s["patience"] else rates_of(name, s)
        store.add(f"schedules/{name}", "settings", list(s.values()), "<f8")
        store.add(f"schedules/{name}", "rates", rates, "<f8")


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # no optimizer steps between those of a scheduler
    generator = numpy.random.Generator(numpy.random.PCG64(1))
    store = Store(folder / "optimizers.h5")
    add_optimizers(store, generator)
    add_schedules(store, generator)
    store.save()
    print(folder / "optimizers.h5")


if __name__ == "__main__":
    main()
