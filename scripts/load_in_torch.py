#!/usr/bin/python3
"""A checkpoint in torch.nn.Transformer, by its names: load_in_torch.py FILE SYMBOL..."""
import re, sys, h5py, torch
from torch.nn.functional import embedding, linear

file = h5py.File(sys.argv[1], "r")
tensors = {name: torch.tensor(value[()]) for name, value in file.get("average", file["parameters"]).items()}
config, pre = file.attrs["config"], "encoder.norm.weight" in tensors
option = lambda key, default: (re.search(rf"^\s*{key}: *(\w+)", config, re.M) or ["", default])[1]
layers = lambda side: len({name.split(".")[2] for name in tensors if name.startswith(side + ".layers")})
hidden, width = tensors["encoder.layers.0.linear1.weight"].shape
model = torch.nn.Transformer(width, int(option("heads", 1)), layers("encoder"), layers("decoder"), hidden,
                             0.0, option("activation", "relu"), batch_first=True, norm_first=pre).eval()
if not pre:
    model.encoder.norm = model.decoder.norm = None
model.load_state_dict({name: tensors.pop(name) for name in model.state_dict()})
print(sum(p.numel() for p in model.parameters()), "parameters in layers; besides:", *tensors)
source = tensors["source_embedding.weight"]
target = tensors.get("target_embedding.weight", source)
names = [[s.decode() for s in file[f"vocabulary/{side}/symbols"]] for side in ("source", "target")]
angles = torch.arange(1000.0)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)
places = torch.stack((angles.sin(), angles.cos()), dim=2).reshape(1000, width)
embed = lambda ids, table: (embedding(torch.tensor([ids]), table) * width ** 0.5 + places[:len(ids)])
fed, output = [names[0].index(s) if s in names[0] else 0 for s in sys.argv[2:]] + [2], [1]
while output[-1] != 2 and len(output) < 100:
    mask = model.generate_square_subsequent_mask(len(output))
    state = model(embed(fed, source), embed(output, target), tgt_mask=mask)[0, -1]
    output.append(int(linear(state, tensors.get("generator.weight", target), tensors["generator.bias"]).argmax()))
print(*(names[1][number] for number in output[1:] if number != 2))
