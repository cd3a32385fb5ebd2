"""From the words of the command line to what the contrast command shall do."""

import argparse

import numpy as np
import pytest

from deconv.contrast.options import add_parser, request_of
from deconv.contrast.request import NOISE
from deconv.contrast.scene import scene_of
from deconv.inputs.linear_light import read_light


def parsed(*words):
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return request_of(parser.parse_args(["contrast", *words]))


def scene(path, *words):
    request = parsed(str(path), *words)
    return scene_of(request, read_light(str(path), request.reading), str(path))


@pytest.fixture
def array(tmp_path):
    path = tmp_path / "array.npy"
    np.save(path, 3 * np.random.default_rng(0).random((40, 64)))
    return path


def test_what_is_left_out_has_its_default(array):
    request = parsed("x.png")
    assert (request.psf.psf, request.psf.parameters, request.stride, request.seed) == (None, {}, 2, 0)
    assert request.noise_sigma is None
    assert request.regularization is None
    default = scene(array)
    assert default.kernel.record() == {"family": "gaussian", "sigma": 40 / 32, "estimated": []}
    assert default.noise_sigma == pytest.approx(NOISE * np.ptp(np.load(array)))


def test_what_is_named_is_taken(array):
    assert scene(array, "--sigma", "3").kernel.parameters == {"sigma": 3}
    assert scene(array, "--noise", "0").noise_sigma == 0
    disk = scene(array, "--psf", "disk", "--radius", "2", "--stride", "7")
    assert (disk.kernel.family, disk.kernel.parameters) == ("disk", {"radius": 2})
    assert (disk.sharp.shape, disk.changes) == ((35, 63), ("cut to multiples of 7",))
