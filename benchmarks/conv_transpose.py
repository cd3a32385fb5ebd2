"""Transposed convolution side by side: this project, PyTorch and ONNX Runtime, layer by layer.

Every library runs in a process of its own with the same number of threads, one after the other, on the same
layers (float32, batch 1 unless the name says otherwise). The smallest of many runs counts. Ratios are quoted,
not milliseconds: below 1 this project is faster. Libraries that are not installed are named and left out;
`--peer-python` runs PyTorch and ONNX Runtime in another environment.

OpenBLAS, which NumPy multiplies with, may not know a recent processor and fall back to an old kernel at half the
speed; OPENBLAS_VERBOSE=2 tells which it took, OPENBLAS_CORETYPE chooses another (say SKYLAKEX).
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

LIBRARIES = ("upsample", "function", "torch", "torch-channels-last", "onnxruntime")


class Layer(NamedTuple):
    """One transposed convolution with square maps and kernels; `axes` is 1 for the vocoder's."""

    size: int
    inputs: int
    outputs: int
    groups: int
    kernel: int
    stride: int
    padding: int = 0
    output_padding: int = 0
    batch: int = 1
    axes: int = 2


LAYERS = {
    "DCGAN 1024>512 k4 s2, 4x4": Layer(4, 1024, 512, 1, 4, 2, 1),
    "DCGAN 512>256 k4 s2, 8x8": Layer(8, 512, 256, 1, 4, 2, 1),
    "DCGAN 256>128 k4 s2, 16x16": Layer(16, 256, 128, 1, 4, 2, 1),
    "DCGAN 128>3 k4 s2, 32x32": Layer(32, 128, 3, 1, 4, 2, 1),
    "FCN 21>21 k64 s32, 16x16": Layer(16, 21, 21, 1, 64, 32, 16),
    "FCN depthwise 21 k64 s32, 16x16": Layer(16, 21, 21, 21, 64, 32, 16),
    "21>21 k4 s2, 64x64": Layer(64, 21, 21, 1, 4, 2, 1),
    "U-Net 1024>512 k2 s2, 28x28": Layer(28, 1024, 512, 1, 2, 2),
    "U-Net 128>64 k2 s2, 196x196": Layer(196, 128, 64, 1, 2, 2),
    "64>64 k3 s2 op1, 128x128": Layer(128, 64, 64, 1, 3, 2, 1, 1),
    "1 channel k4 s2, 1024x1024": Layer(1024, 1, 1, 1, 4, 2, 1),
    "depthwise 64 k4 s2, 128x128": Layer(128, 64, 64, 64, 4, 2, 1),
    "depthwise 256 k4 s2, 32x32": Layer(32, 256, 256, 256, 4, 2, 1),
    "DCGAN 512>256 k4 s2, 8x8, batch 8": Layer(8, 512, 256, 1, 4, 2, 1, batch=8),
    "21>21 k4 s2, 64x64, batch 8": Layer(64, 21, 21, 1, 4, 2, 1, batch=8),
    "1-D vocoder 1026>1 k1024 s256, 224": Layer(224, 1026, 1, 1, 1024, 256, axes=1),
}


def arrays(layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((layer.batch, layer.inputs, *(layer.size,) * layer.axes), dtype=np.float32)
    shape = (layer.inputs, layer.outputs // layer.groups, *(layer.kernel,) * layer.axes)
    return x, rng.standard_normal(shape, dtype=np.float32)


def settings(layer: Layer) -> dict[str, int]:
    names = ("stride", "padding", "output_padding", "groups")
    return {name: getattr(layer, name) for name in names}


def prepare_upsample(layer: Layer, _: int) -> Callable[[], np.ndarray]:
    import upsample

    x, weight = arrays(layer)
    packed = upsample.ConvTranspose(weight, **settings(layer))
    return lambda: packed(x)


def prepare_function(layer: Layer, _: int) -> Callable[[], np.ndarray]:
    import upsample

    x, weight = arrays(layer)
    return lambda: upsample.conv_transpose(x, weight, **settings(layer))


def prepare_torch(layer: Layer, threads: int, last: bool = False) -> Callable[[], np.ndarray]:
    import torch

    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    x, weight = (torch.from_numpy(a) for a in arrays(layer))
    if last and layer.axes == 2:
        x, weight = (a.to(memory_format=torch.channels_last) for a in (x, weight))
    operator = getattr(torch.nn.functional, f"conv_transpose{layer.axes}d")
    return lambda: operator(x, weight, **settings(layer)).numpy()


def prepare_channels_last(layer: Layer, threads: int) -> Callable[[], np.ndarray]:
    return prepare_torch(layer, threads, last=True)


def prepare_onnxruntime(layer: Layer, threads: int) -> Callable[[], np.ndarray]:
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    x, weight = arrays(layer)
    node = helper.make_node(
        "ConvTranspose",
        ["x", "weight"],
        ["y"],
        strides=[layer.stride] * layer.axes,
        pads=[layer.padding] * 2 * layer.axes,
        output_padding=[layer.output_padding] * layer.axes,
        group=layer.groups,
    )
    graph = helper.make_graph(
        [node],
        "layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(weight, "weight")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=providers)
    return lambda: session.run(None, {"x": x})[0]


PREPARE = dict(
    zip(
        LIBRARIES,
        (prepare_upsample, prepare_function, prepare_torch, prepare_channels_last, prepare_onnxruntime),
        strict=True,
    )
)


def fastest(call: Callable[[], np.ndarray], seconds: float) -> float:
    """Return the milliseconds of the fastest run within a time budget."""
    call()
    best, runs, end = math.inf, 0, time.perf_counter() + seconds
    while runs < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        best, runs = min(best, time.perf_counter() - start), runs + 1
    return best * 1e3


def extra_memory(call: Callable[[], np.ndarray]) -> float:
    """Return the MiB that NumPy held at most beside the output."""
    tracemalloc.start()
    output = call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak - output.nbytes) / 2**20


def work(library: str, threads: int, names: list[str], seconds: float) -> None:
    """Time one library and print its results as JSON: the body of a child process."""
    results = {}
    for name in names:
        call = PREPARE[library](LAYERS[name], threads)
        results[name] = {"ms": fastest(call, seconds), "check": float(np.abs(call()).sum(dtype=np.float64))}
        if library in ("upsample", "function"):
            results[name]["extra"] = extra_memory(PREPARE[library](LAYERS[name], threads))
    print(json.dumps(results))


def measure(library: str, threads: int, options: argparse.Namespace, names: list[str]) -> dict | None:
    """Run one library in a process of its own; None where it is not installed."""
    own = library in ("upsample", "function")
    pools = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    path = str(Path(__file__).resolve().parents[1])
    environment = os.environ | dict.fromkeys(pools, str(threads)) | {"PYTHONPATH": path}
    command = [sys.executable if own else options.peer_python, __file__, "--worker", library]
    command += ["--threads", str(threads), "--seconds", str(options.seconds), "--layers", *names]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{library}: left out ({done.stderr.strip().splitlines()[-1]})")
        return None
    return json.loads(done.stdout)


def report(threads: int, results: dict[str, dict], names: list[str]) -> None:
    """Print one table: milliseconds of each library, ratios of this project to the peers."""
    load = os.getloadavg()[0]
    print(f"\n{threads} thread{'s' * (threads > 1)}; load average {load:.1f}")
    peers = [library for library in results if library not in ("upsample", "function")]
    print(
        f"{'ms':38s}" + "".join(f"{library:>20s}" for library in results) + "    /".join(["", *peers]) + "  extra MiB"
    )
    ratios: dict[str, list[float]] = {peer: [] for peer in peers}
    for name in names:
        line = f"{name:38s}" + "".join(f"{results[library][name]['ms']:20.2f}" for library in results)
        for peer in peers:
            ratios[peer].append(results["upsample"][name]["ms"] / results[peer][name]["ms"])
            line += f"{ratios[peer][-1]:{len(peer) + 5}.2f}"
            if not math.isclose(results["upsample"][name]["check"], results[peer][name]["check"], rel_tol=1e-4):
                line += " differs!"
        print(line + f"{results['upsample'][name]['extra']:11.1f}")
    for peer in peers:
        mean = math.exp(sum(map(math.log, ratios[peer])) / len(names))
        worst = max(zip(ratios[peer], names, strict=True))
        print(f"geometric mean of upsample / {peer}: {mean:.2f}, largest {worst[0]:.2f} ({worst[1]})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1], help="numbers of threads (default 1)")
    parser.add_argument("--libraries", nargs="+", choices=LIBRARIES, default=LIBRARIES, metavar="LIBRARY")
    parser.add_argument("--layers", nargs="+", choices=LAYERS, default=list(LAYERS), metavar="LAYER")
    parser.add_argument("--seconds", type=float, default=0.5, help="time per layer and library (default 0.5)")
    parser.add_argument("--peer-python", default=sys.executable, help="interpreter that has torch and onnxruntime")
    parser.add_argument("--worker", choices=LIBRARIES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, options.threads[0], options.layers, options.seconds)
        return
    for threads in options.threads:
        results = {}
        for library in dict.fromkeys(["upsample", *options.libraries]):
            measured = measure(library, threads, options, options.layers)
            if measured is not None:
                results[library] = measured
        report(threads, results, options.layers)


if __name__ == "__main__":
    main()
