#!/usr/bin/python3
"""A checkpoint in torch.nn.Transformer, by its names: load_in_torch.py FILE SYMBOL..."""
import re, sys, h5py, torch
from torch.nn.functional import embedding, linear

class OverBatch(torch.nn.BatchNorm1d):  # of [batch, token, feature]
    def forward(self, x):
        return super().forward(x.transpose(1, 2)).transpose(1, 2)

file = h5py.File(sys.argv[1], "r")
groups = [file.get("average", file["parameters"]), file.get("buffers", {})]
tensors = {name: torch.tensor(value[()]) for group in groups for name, value in group.items()}
config, pre = file.attrs["config"], "encoder.norm.weight" in tensors
option = lambda key, default: (re.search(rf"^\s*{key}: *(\w+)", config, re.M) or ["", default])[1]
layers = lambda side: len({name.split(".")[2] for name in tensors if name.startswith(side + ".layers")})
hidden, width = tensors["encoder.layers.0.linear1.weight"].shape
model = torch.nn.Transformer(width, int(option("heads", 1)), layers("encoder"), layers("decoder"), hidden,
                             0.0, option("activation", "relu"), batch_first=True, norm_first=pre)
if not pre:
    model.encoder.norm = model.decoder.norm = None
for norm in [name[:-13] for name in tensors if name.endswith(".running_mean")]:
    owner, _, name = norm.rpartition(".")
    setattr(model.get_submodule(owner), name, OverBatch(width))
model.eval().load_state_dict({name: tensors.pop(name) if "num_batches" not in name else value
                              for name, value in model.state_dict().items()})
print(sum(p.numel() for p in model.parameters()), "parameters in layers; besides:", *tensors)
source = tensors.pop("source_embedding.weight", None)
target = tensors.pop("target_embedding.weight", source)
output_weight, output_bias = tensors.pop("generator.weight", target), tensors.pop("generator.bias")
angles = torch.arange(1000.0)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)
sinusoids = torch.stack((angles.sin(), angles.cos()), dim=2).reshape(1000, -1)
places = [tensors.pop(f"{side}_positions.weight", sinusoids) for side in ("source", "target")]
if tensors or option("decoder", "") == "parallel":
    sys.exit(f"{sys.argv[1]}: {', '.join(tensors) or 'parallel'}: a model that this script does not know")
names = [[s.decode() for s in file[f"vocabulary/{side}/symbols"]] for side in ("source", "target")]
embed = lambda ids, table, at: (embedding(torch.tensor([ids]), table) * width ** 0.5 + at[:len(ids)])
fed, output = [names[0].index(s) if s in names[0] else 0 for s in sys.argv[2:]] + [2], [1]
while output[-1] != 2 and len(output) < min(100, len(places[1])):
    mask = model.generate_square_subsequent_mask(len(output))
    state = model(embed(fed, source, places[0]), embed(output, target, places[1]), tgt_mask=mask)[0, -1]
    output.append(int(linear(state, output_weight, output_bias).argmax()))
print(*(names[1][number] for number in output[1:] if number != 2))
