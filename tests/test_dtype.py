"""Arrays go in and come out as they are: type kept, input untouched, any memory layout, any channel axis."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import restore

ONE_SIDED = np.array([[0.0, 0.1, 0.2], [0.05, 0.4, 0.1], [0.0, 0.1, 0.05], [0.0, 0.0, 0.0]])

OPERATIONS = {
    "blur": restore.blur,
    "degrade": lambda g, h, **k: restore.degrade(g, h, noise_sigma=0.1, rng=0, **k),
    "degrade with photons": lambda g, h, **k: restore.degrade(g, h, photons=10, rng=0, **k),
    "wiener": restore.wiener,
    "wiener with nsr": lambda g, h, **k: restore.wiener(g, h, nsr=0.1, **k),
    "wiener with spectra": lambda g, h, **k: restore.wiener(
        g, h, signal_spectrum=np.ones((13, 16)), noise_spectrum=0.1, **k
    ),
    "least squares": restore.constrained_least_squares,
    "least squares with noise": lambda g, h, **k: restore.constrained_least_squares(g, h, noise_var=1e-3, **k),
    "least squares with gcv": lambda g, h, **k: restore.constrained_least_squares(
        g, h, rule="gcv", operator=np.array([[1.0, -1.0]]), **k
    ),
    "inverse": restore.inverse_filter,
    "geometric mean": lambda g, h, **k: restore.geometric_mean_filter(g, h, nsr=0.1, **k),
    "deconvolve": lambda g, h, **k: restore.deconvolve(g, h, **k).image,
}
DRAWING = (OPERATIONS["degrade"], OPERATIONS["degrade with photons"])
BOUNDARIES = ("unknown", "periodic", "smooth", "reflect", "taper")
every = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


@pytest.fixture
def image():
    """A scene with structure, so that every rule finds a strength inside its search."""
    y, x = np.mgrid[:13, :16]
    return 0.5 + 0.3 * np.sin(x / 2) * np.cos(y / 3) + np.random.default_rng(0).normal(0, 0.02, (13, 16))


@every
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_float32_and_float64_are_kept_and_agree(image, operation, boundary):
    double = operation(image, ONE_SIDED, boundary=boundary)
    single = operation(image.astype(np.float32), ONE_SIDED, boundary=boundary)
    assert (double.dtype, single.dtype) == (np.float64, np.float32)
    assert double.shape == single.shape == image.shape
    if operation not in DRAWING:  # other random numbers
        assert_allclose(single, double, rtol=0, atol=2e-3)


@every
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_inputs_are_not_modified_even_read_only_ones(image, operation, boundary):
    kernel = ONE_SIDED.copy()
    before = image.copy()
    image.setflags(write=False)
    kernel.setflags(write=False)
    found = operation(image, kernel, boundary=boundary)
    assert_array_equal(image, before)
    assert_array_equal(kernel, ONE_SIDED)
    assert found.flags.writeable
    assert not np.shares_memory(found, image)


@every
def test_any_memory_layout(image, operation):
    expected = operation(image, ONE_SIDED, boundary="reflect")
    strided = np.repeat(np.repeat(image, 2, 0), 3, 1)[::2, ::3]
    backwards = image[::-1, ::-1].copy()[::-1, ::-1]
    for view in (strided, backwards, np.asfortranarray(image), image.T.copy().T):
        assert_allclose(operation(view, np.asfortranarray(ONE_SIDED), boundary="reflect"), expected, rtol=0, atol=1e-9)


@every
def test_psf_may_be_single_precision_or_a_list(image, operation):
    expected = operation(image, ONE_SIDED)
    assert_allclose(operation(image, ONE_SIDED.astype(np.float32)), expected, rtol=0, atol=1e-4)
    assert_allclose(operation(image.tolist(), ONE_SIDED.tolist()), expected, rtol=0, atol=1e-9)


@every
@pytest.mark.parametrize("boundary", ["unknown", "periodic", "reflect"])
def test_channel_axis_at_any_position(image, operation, boundary):
    colour = np.stack([image, 0.5 * image, 1 - image], -1)
    last = operation(colour, ONE_SIDED, boundary=boundary, channel_axis=-1)
    for axis in (0, 1, -2) if boundary == "unknown" else (0,):  # where the axis lies is no matter of the boundary
        moved = np.moveaxis(colour, -1, axis)
        moved.setflags(write=False)
        found = operation(moved, ONE_SIDED, boundary=boundary, channel_axis=axis)
        assert found.shape == moved.shape
        if operation not in DRAWING:  # random numbers come in the order of the samples
            assert_allclose(np.moveaxis(found, axis, -1), last, rtol=0, atol=1e-9)


@every
def test_a_stack_of_pictures_is_three_dimensional(operation):
    if operation is OPERATIONS["wiener with spectra"] or operation is OPERATIONS["least squares with gcv"]:
        return  # their arrays belong to the other picture
    z, y, x = np.mgrid[:8, :9, :10]
    stack = 1 + np.sin(x / 2 + y / 3) * np.cos(z / 2) + np.random.default_rng(0).normal(0, 0.02, (8, 9, 10))
    kernel = np.random.default_rng(1).random((2, 3, 4))
    found = operation(stack.astype(np.float32), kernel / kernel.sum())
    assert (found.shape, found.dtype) == (stack.shape, np.float32)


def test_estimates_are_plain_numbers(image):
    assert type(restore.estimate_noise(image.astype(np.float32))) is float
    assert type(restore.signal_to_noise(image, 0.1)) is float
    assert restore.psf_to_otf(ONE_SIDED.astype(np.float32), (8, 8)).dtype == np.complex128
    found = restore.deconvolve(image.astype(np.float32), ONE_SIDED, method="cls")
    assert {type(found.parameter), type(found.noise_sigma)} == {float}
    assert found.psf.dtype == np.float64
