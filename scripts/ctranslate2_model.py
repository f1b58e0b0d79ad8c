"""A Lockstep checkpoint as a model of CTranslate2 (PyPI: ctranslate2), and its decoding.

    scripts/ctranslate2_model.py CHECKPOINT FOLDER     writes the model into a new folder
"""
import json
import pathlib
import sys

from checkpoint_weights import END, Checkpoint, Vocabulary

PLACES = 1024  # of sinusoids


def set_linear(spec, weight, bias):
    spec.weight, spec.bias = weight, bias


def set_norm(spec, tensors, name):
    spec.gamma, spec.beta = tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def set_attention(spec, tensors, name, norm):
    """Self-attention has queries, keys and values in one product, cross attention two."""
    weight, bias = tensors[f"{name}.in_proj_weight"], tensors[f"{name}.in_proj_bias"]
    width = weight.shape[1]
    cuts = [0, 3 * width] if len(spec.linear) == 2 else [0, width, 3 * width]
    for linear, first, end in zip(spec.linear, cuts, cuts[1:]):
        set_linear(linear, weight[first:end], bias[first:end])
    set_linear(spec.linear[-1], tensors[f"{name}.out_proj.weight"],
               tensors[f"{name}.out_proj.bias"])
    set_norm(spec.layer_norm, tensors, norm)


def set_layer(spec, tensors):
    set_attention(spec.self_attention, tensors, "self_attn", "norm1")
    cross = hasattr(spec, "attention")
    if cross:
        set_attention(spec.attention, tensors, "multihead_attn", "norm2")
    for number, linear in enumerate((spec.ffn.linear_0, spec.ffn.linear_1), 1):
        set_linear(linear, tensors[f"linear{number}.weight"], tensors[f"linear{number}.bias"])
    set_norm(spec.ffn.layer_norm, tensors, "norm3" if cross else "norm2")


def set_side(spec, checkpoint, stack, side):
    embeddings = spec.embeddings[0] if stack == "encoder" else spec.embeddings
    embeddings.weight = checkpoint.embedding(side)
    spec.position_encodings.encodings = checkpoint.positions(side, PLACES)
    for number, layer in enumerate(spec.layer):
        set_layer(layer, checkpoint.under(f"{stack}.layers.{number}."))
    if checkpoint.pre:
        set_norm(spec.layer_norm, checkpoint.under(f"{stack}."), "norm")


def convert(checkpoint, folder):
    """Write the model, in float32, into a folder."""
    from ctranslate2.specs import TransformerSpec, common_spec

    activation = {"relu": common_spec.Activation.RELU, "gelu": common_spec.Activation.GELU}
    spec = TransformerSpec.from_config(
        (checkpoint.layers("encoder"), checkpoint.layers("decoder")), checkpoint.heads,
        pre_norm=checkpoint.pre, activation=activation[checkpoint.activation])
    set_side(spec.encoder, checkpoint, "encoder", "source")
    set_side(spec.decoder, checkpoint, "decoder", "target")
    set_linear(spec.decoder.projection, *checkpoint.generator())
    spec.register_source_vocabulary(checkpoint.source.symbols)
    spec.register_target_vocabulary(checkpoint.target.symbols)
    config = spec.config
    config.unk_token, config.bos_token, config.eos_token = checkpoint.target.symbols[:END + 1]
    config.decoder_start_token = config.bos_token
    config.add_source_eos = True
    config.layer_norm_epsilon = 1e-5
    spec.validate()
    spec.optimize(quantization="float32")
    spec.save(str(folder))


def write(path, folder):
    """The model, and how its lines are cut and joined; without CTranslate2 that alone."""
    folder.mkdir()
    checkpoint = Checkpoint(path)
    sides = [{"kind": side.kind, "continuation": side.continuation}
             for side in (checkpoint.source, checkpoint.target)]
    (folder / "sides.json").write_text(json.dumps(sides), encoding="utf-8")
    try:
        convert(checkpoint, folder)
    except ModuleNotFoundError:
        pass  # the decoder below will say so


class Decoder:
    """Lists of symbols to lists of symbols, on one thread."""

    def __init__(self, folder):
        # ctranslate2 imports PyTorch where there is one, without need: not its own start-up.
        sys.modules.setdefault("torch", None)
        import ctranslate2

        sides = json.loads((pathlib.Path(folder) / "sides.json").read_text(encoding="utf-8"))
        self.source, self.target = (Vocabulary([], **side) for side in sides)
        self.translator = ctranslate2.Translator(str(folder), compute_type="float32",
                                                 inter_threads=1, intra_threads=1)

    def decode(self, sources, options):
        """One list of symbols for each of the lists of symbols `sources`."""
        results = self.translator.translate_batch(
            sources, max_batch_size=options.batch, beam_size=options.beam,
            length_penalty=options.length_penalty, min_decoding_length=options.min_length,
            max_decoding_length=options.max_length)
        return [result.hypotheses[0] for result in results]


if __name__ == "__main__":
    write(sys.argv[1], pathlib.Path(sys.argv[2]))
