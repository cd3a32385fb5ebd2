"""From the words of the command line to what the upsample command shall do."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

import upsample
from deconv.upsample.options import LAYOUTS, add_parser, padding, per_axis, request_of
from deconv.upsample.request import KERNELS, Layer, Teaching

ROOT = Path(__file__).resolve().parents[3]


def parsed(*words):
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return request_of(parser.parse_args(["upsample", *words]))


def test_what_is_left_out_has_its_default():
    request = parsed("x.npy")
    assert request.inputs == ("x.npy",)
    assert request.layer == Layer()
    assert request.layer.has_named_kernel
    assert request.teaching == Teaching()
    assert not request.destination.many


def test_the_layer_takes_every_option():
    words = "--stride 2,3 --kernel w.npy --padding 0:1,1:0 --output-padding 1 --output-size 8,9 --dilation 2 --groups 3"
    request = parsed("x.npy", *words.split(), "--layout", "keras", "--border", "zero", "--max-samples", "7", "--check")
    assert request.layer == Layer(
        kernel="w.npy",
        stride=(2, 3),
        padding=[(0, 1), (1, 0)],
        output_padding=1,
        output_size=(8, 9),
        dilation=2,
        groups=3,
        layout="keras",
        border="zero",
        max_samples=7,
    )
    assert not request.layer.has_named_kernel
    assert request.teaching == Teaching(explain=False, check=True)


def test_the_names_are_those_of_the_library():
    for kernel in KERNELS:
        upsample.enlarge([[1.0, 2.0]], kernel)
    for layout in LAYOUTS:
        upsample.enlarge([[1.0, 2.0]], layout=layout)


def test_numbers_and_paddings():
    assert (per_axis(1)("3"), per_axis(1)("3,4"), padding("same"), padding("1,2")) == (3, (3, 4), "same", (1, 2))
    assert padding("0:1") == [(0, 1), (0, 1)]
    for parse, text in ((per_axis(1), "0"), (per_axis(0), "1,2,3"), (padding, "1:2:3"), (padding, "x:1")):
        with pytest.raises(argparse.ArgumentTypeError, match="must be"):
            parse(text)


def test_threads_reach_the_matrix_products_before_numpy_is_loaded(tmp_path):
    """The libraries of matrix products read the environment once."""
    code = f"""
import argparse, os, sys
from deconv.upsample.options import add_parser
parser = argparse.ArgumentParser()
add_parser(parser.add_subparsers())
arguments = parser.parse_args(["upsample", {str(tmp_path / "none.npy")!r}, "--threads", "1"])
assert "numpy" not in sys.modules
try:
    arguments.run(arguments)
except Exception as error:
    print(type(error).__name__)
from threadpoolctl import threadpool_info
print(os.environ["OMP_NUM_THREADS"], max(pool["num_threads"] for pool in threadpool_info()))
"""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment, check=True
    )
    assert done.stdout.split() == ["UsageError", "1", "1"]
