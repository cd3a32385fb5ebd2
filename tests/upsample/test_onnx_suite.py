"""The backend test suite of ONNX, run where the onnx package is installed (it is a development tool here).

Every model with a single node of a kind this package knows is run against its stored inputs and outputs. Each
runner below says an operator's attributes in the words of `upsample`.
"""

import warnings
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

import upsample

onnx = pytest.importorskip("onnx", reason="the onnx package holds the cases and their data")

OUT_OF_SCOPE = {
    "test_maxpool_2d_uint8": "integer maps are refused: convert them first",
}


def pads_of(attributes, size, kernel, stride, dilation, transposed=False):
    """Return (begin, end) pairs of Conv or MaxPool."""
    n = len(kernel)
    auto = attributes.get("auto_pad", b"NOTSET").decode()
    if auto in ("NOTSET", "VALID"):
        pads = attributes.get("pads", [0] * 2 * n) if auto == "NOTSET" else [0] * 2 * n
        return [(pads[i], pads[n + i]) for i in range(n)]
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    total = [max((-(-i // s) - 1) * s + r - i, 0) for i, s, r in zip(size, stride, reach, strict=True)]
    halves = [(t // 2, t - t // 2) for t in total]
    return halves if auto == "SAME_UPPER" else [(b, a) for a, b in halves]


def settings_of(attributes, kernel, stride=None):
    n = len(kernel)
    return attributes.get("strides", stride or [1] * n), attributes.get("dilations", [1] * n)


def run_conv(attributes, x, weight, bias=None):
    stride, dilation = settings_of(attributes, weight.shape[2:])
    padding = pads_of(attributes, x.shape[2:], weight.shape[2:], stride, dilation)
    groups = attributes.get("group", 1)
    return [upsample.conv(x, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=groups)]


def run_conv_transpose(attributes, x, weight, bias=None):
    stride, dilation = settings_of(attributes, weight.shape[2:])
    padding = upsample.onnx_padding(
        x.shape[2:],
        weight.shape[2:],
        stride=stride,
        dilation=dilation,
        pads=attributes.get("pads"),
        auto_pad=attributes.get("auto_pad", b"NOTSET").decode(),
        output_padding=attributes.get("output_padding", 0),
        output_shape=attributes.get("output_shape"),
    )
    settings = {"stride": stride, "dilation": dilation, "groups": attributes.get("group", 1)}
    return [upsample.conv_transpose(x, weight, bias, padding=padding, **settings)]


def run_max_pool(attributes, x):
    kernel = attributes["kernel_shape"]
    stride, dilation = settings_of(attributes, kernel)
    padding = pads_of(attributes, x.shape[2:], kernel, stride, dilation)
    values, indices = upsample.max_pool(
        x,
        kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=bool(attributes.get("ceil_mode", 0)),
        axes=len(kernel),
    )
    # ONNX counts through the whole tensor, and may count columns first inside a plane.
    if attributes.get("storage_order", 0):
        places = np.unravel_index(indices, x.shape[2:])
        indices = np.ravel_multi_index(places, x.shape[2:], order="F")
    planes = np.arange(x.shape[0] * x.shape[1]).reshape(*x.shape[:2], *(1,) * len(kernel))
    return [values, indices + planes * np.prod(x.shape[2:])]


def run_max_unpool(attributes, x, indices, output_shape=None):
    kernel = attributes["kernel_shape"]
    pads = attributes.get("pads", [0] * 2 * len(kernel))
    padding = [(pads[i], pads[len(kernel) + i]) for i in range(len(kernel))]
    plane = np.prod(
        [
            (i - 1) * s + k - b - e
            for i, s, k, (b, e) in zip(x.shape[2:], attributes["strides"], kernel, padding, strict=True)
        ]
    )
    y = upsample.max_unpool(x, indices % plane, kernel, stride=attributes["strides"], padding=padding, axes=len(kernel))
    if output_shape is not None:
        # The case indexes the default shape and pads it with zeros; PyTorch, ONNX Runtime and `max_unpool` index
        # the output_size that is given.
        y = np.pad(y, [(0, int(o) - i) for i, o in zip(y.shape, output_shape, strict=True)])
    return [y]


def run_depth_to_space(attributes, x):
    order = attributes.get("mode", b"DCR").decode()
    return [upsample.pixel_shuffle(x, attributes["blocksize"], order=order)]


def run_space_to_depth(attributes, x):
    order = attributes.get("mode", b"DCR").decode()
    return [upsample.pixel_unshuffle(x, attributes["blocksize"], order=order)]


RUNNERS = {
    "Conv": run_conv,
    "ConvTranspose": run_conv_transpose,
    "DepthToSpace": run_depth_to_space,
    "MaxPool": run_max_pool,
    "MaxUnpool": run_max_unpool,
    "SpaceToDepth": run_space_to_depth,
}


def single_node_cases():
    """Yield (name, model, data sets) of all cases with one node that has a runner."""
    from onnx.backend.test.loader import load_model_tests

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # making the data of other operators overflows on purpose
        cases = [load_model_tests(kind=kind) for kind in ("node", "pytorch-operator", "pytorch-converted")]
    for case in chain(*cases):
        model = case.model or onnx.load(f"{case.model_dir}/model.onnx")
        nodes = [node for node in model.graph.node if node.op_type != "Constant"]
        if len(nodes) == 1 and nodes[0].op_type in RUNNERS:
            yield pytest.param(case, model, nodes[0], id=f"{nodes[0].op_type}-{case.name}")


def stored_tensors(folder, prefix):
    count = len(list(Path(folder).glob(f"{prefix}_*.pb")))
    for index in range(count):
        tensor = onnx.TensorProto()
        tensor.ParseFromString((Path(folder) / f"{prefix}_{index}.pb").read_bytes())
        yield onnx.numpy_helper.to_array(tensor)


@pytest.mark.parametrize(("case", "model", "node"), list(single_node_cases()))
def test_single_node_case(case, model, node):
    if case.name in OUT_OF_SCOPE:
        with pytest.raises(TypeError, match="must be one of"):
            run_case(case, model, node)
        return
    run_case(case, model, node)


def run_case(case, model, node):
    if case.data_sets:
        inputs, outputs = case.data_sets[0]
    else:
        folder = f"{case.model_dir}/test_data_set_0"
        inputs, outputs = list(stored_tensors(folder, "input")), list(stored_tensors(folder, "output"))
    known = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    free = [value.name for value in model.graph.input if value.name not in known]
    known |= dict(zip(free, inputs, strict=False))
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    results = RUNNERS[node.op_type](attributes, *(known[name] for name in node.input))
    assert outputs
    for result, expected in zip(results, outputs, strict=False):
        np.testing.assert_allclose(result, expected, rtol=case.rtol, atol=case.atol)
        assert result.dtype == expected.dtype
