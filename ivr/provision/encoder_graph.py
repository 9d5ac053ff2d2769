"""Draws the sentence encoder's network (BERT, 6 layers, mean pooling) as ONNX, straight from its weights.

The network is all-MiniLM-L6-v2 (Wang et al. 2020, "MiniLM"; Reimers and Gurevych 2019, "Sentence-BERT"). It reads one
text at a time: with int8 quantisation the scale of the activations is taken over everything in the run, so in a batch
a text's vector would depend on its neighbours (cosine 0.96 to the same text alone, and no faster on one core).
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

HEADS = 12
HEAD_WIDTH = 32
WIDTH = 384
LAYERS = 6
OPSET = 17
IR_VERSION = 8
NORM_EPSILON = 1e-12


def read_safetensors(raw: bytes) -> dict[str, Array]:
    """Read a safetensors file: 8 bytes of header length, a JSON header, then the numbers.

    Raises ValueError when the bytes are not such a file.
    """
    try:
        (length,) = struct.unpack_from("<Q", raw)
        header = json.loads(raw[8 : 8 + length])
    except (struct.error, ValueError) as error:
        raise ValueError(f"not a safetensors file: {error}") from error
    kinds = {"F32": np.float32, "F16": np.float16, "I64": np.int64}
    tensors: dict[str, Array] = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        # Copied by tobytes-like slicing: an offset need not be a multiple of the number's size.
        numbers = np.frombuffer(raw[8 + length + start : 8 + length + end], dtype=kinds[entry["dtype"]])
        tensors[name] = numbers.reshape(entry["shape"])
    return tensors


class _Graph:
    """Collects nodes and constants; every method gives back the name of what it made."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def constant(self, name: str, value: Array) -> str:
        from onnx import numpy_helper

        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def node(self, operation: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        from onnx import helper

        name = output or f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name=f"node_{name}", **attributes))
        return name

    def norm(self, x: str, prefix: str) -> str:
        scale = self.constant(f"{prefix}.weight", self.weights[f"{prefix}.weight"])
        shift = self.constant(f"{prefix}.bias", self.weights[f"{prefix}.bias"])
        return self.node("LayerNormalization", x, scale, shift, axis=-1, epsilon=NORM_EPSILON)

    def linear(self, x: str, prefix: str) -> str:
        matrix = self.constant(f"{prefix}.weight", self.weights[f"{prefix}.weight"].T)
        bias = self.constant(f"{prefix}.bias", self.weights[f"{prefix}.bias"])
        return self.node("Add", self.node("MatMul", x, matrix), bias)

    def scalar(self, name: str, value: float) -> str:
        return self.constant(name, np.full(1, value, np.float32))

    def integers(self, name: str, *values: int) -> str:
        return self.constant(name, np.array(values, np.int64))


def _embed(graph: _Graph) -> str:
    weights = graph.weights
    words = graph.constant("words", weights["embeddings.word_embeddings.weight"])
    # One speaker, one sentence: the token type is always 0, so its row is folded into the places.
    kind = weights["embeddings.token_type_embeddings.weight"][0]
    places = graph.constant("places", weights["embeddings.position_embeddings.weight"] + kind)
    length = graph.node("Shape", "ids")
    here = graph.node("Slice", places, graph.integers("zero", 0), length, graph.integers("zero", 0))
    return graph.norm(graph.node("Add", graph.node("Gather", words, "ids"), here), "embeddings.LayerNorm")


def _attend(graph: _Graph, x: str, prefix: str) -> str:
    split = graph.integers("split", 0, HEADS, HEAD_WIDTH)
    query, key, value = (
        graph.node("Reshape", graph.linear(x, f"{prefix}.self.{part}"), split) for part in ("query", "key", "value")
    )
    query = graph.node("Transpose", query, perm=[1, 0, 2])
    key = graph.node("Transpose", key, perm=[1, 2, 0])
    value = graph.node("Transpose", value, perm=[1, 0, 2])
    scaled = graph.node("Mul", graph.node("MatMul", query, key), graph.scalar("head_scale", HEAD_WIDTH**-0.5))
    mixed = graph.node("MatMul", graph.node("Softmax", scaled, axis=-1), value)
    joined = graph.node("Reshape", graph.node("Transpose", mixed, perm=[1, 0, 2]), graph.integers("join", 0, WIDTH))
    return graph.linear(joined, f"{prefix}.output.dense")


def _feed_forward(graph: _Graph, x: str, prefix: str) -> str:
    inner = graph.linear(x, f"{prefix}.intermediate.dense")
    # GELU as the model was trained with: x/2 · (1 + erf(x/√2)).
    half = graph.node("Mul", inner, graph.scalar("half", 0.5))
    erf = graph.node("Erf", graph.node("Mul", inner, graph.scalar("inverse_root_two", 2**-0.5)))
    return graph.linear(
        graph.node("Mul", half, graph.node("Add", erf, graph.scalar("one", 1.0))), f"{prefix}.output.dense"
    )


def build(weights: dict[str, Array]) -> Any:
    """Build the ONNX model: ``ids`` (n,) int64 in, ``vector`` (384,) float32 of unit length out.

    Raises KeyError when a weight is missing, ``onnx.checker.ValidationError`` when the graph is not sound.
    """
    import onnx
    from onnx import TensorProto, helper

    graph = _Graph(weights)
    x = _embed(graph)
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        attended = graph.node("Add", _attend(graph, x, f"{prefix}.attention"), x)
        x = graph.norm(attended, f"{prefix}.attention.output.LayerNorm")
        x = graph.norm(graph.node("Add", _feed_forward(graph, x, prefix), x), f"{prefix}.output.LayerNorm")
    mean = graph.node("ReduceMean", x, axes=[0], keepdims=0)
    square = graph.node("ReduceSum", graph.node("Mul", mean, mean), graph.integers("zero", 0), keepdims=1)
    graph.node("Div", mean, graph.node("Sqrt", square), output="vector")
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["n"])],
            [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [WIDTH])],
            list(graph.constants.values()),
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(model)
    return model
