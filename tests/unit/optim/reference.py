#!/usr/bin/python3
"""Print the tables in test_optimizer.c: 50 updates by PyTorch in float64."""
import torch

FLOATS, STEPS = 8, 50


def value(i):
    return (i * 37 % 17 - 8) / 8


def gradient(step, i):
    """Exact in float32; sizes from 2^-14 to 2^3, sparse for one float."""
    if i == 5 and step % 7 != 0:
        return 0.0
    return ((step * 7919 + i * 104729 + step * i * 31) % 2001 - 1000) / 2.0 ** (
        7 + 2 * (i % 6))


def clip(step):
    return 1.0 if step % 5 else 0.25


def run(make):
    x = torch.tensor([value(i) for i in range(FLOATS)], dtype=torch.float64,
                     requires_grad=True)
    optimizer = make([x])
    for step in range(1, STEPS + 1):
        optimizer.param_groups[0]["lr"] = 0.01 if step <= 25 else 0.002
        x.grad = clip(step) * torch.tensor(
            [gradient(step, i) for i in range(FLOATS)], dtype=torch.float64)
        optimizer.step()
        if step in (1, 10, STEPS):
            print(f"    {{{step},\n     {{" +
                  ",\n      ".join(f"{v:.17g}" for v in x.tolist()) + "}},")


for betas, eps in (((0.9, 0.98), 1e-9), ((0.9, 0.999), 1e-4)):
    print("adam", betas, eps)
    run(lambda x: torch.optim.Adam(x, lr=0.01, betas=betas, eps=eps))
