"""Masked samples: what lies under the mask does not matter, and the rest is used as if it had been the only data."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage

from restore import blur, constrained_least_squares, deconvolve, degrade, inverse_filter, psf, wiener
from restore.observation.boundary import extend
from restore.observation.completion.completion import Level, complete
from restore.observation.unknown import Unknown
from restore.operators.otf import OTF

WEIGHT = 0.02


@pytest.mark.parametrize("boundary", ["unknown", "periodic", "reflect"])
def test_converges_to_the_least_squares_solution(boundary, oracle):
    kernel = oracle.asymmetric((3, 4))
    rng = np.random.default_rng(0)
    picture, hidden = rng.random((10, 11)), rng.random((10, 11)) < 0.15
    data, frame = extend(picture, kernel, boundary)
    data = data.copy()
    seen = np.full(data.shape, boundary != "unknown")
    seen[frame] = ~hidden
    matrix = oracle.convolution_matrix(kernel, data.shape)
    charge = np.zeros((data.size, data.size))
    for axis in range(2):
        step = np.zeros([3 if a == axis else 1 for a in range(2)])
        step.flat[1:] = 1, -1
        difference = oracle.convolution_matrix(step, data.shape)
        charge += difference.T @ difference
    part = matrix[seen.ravel()]
    estimate = np.linalg.solve(part.T @ part + WEIGHT * charge, part.T @ data[seen])
    unknown = Unknown(frame, boundary == "unknown", hidden[..., None].astype(float))
    complete(data[..., None], OTF(kernel, data.shape, np.float64), unknown, WEIGHT, level=Level((), 400, 0.0))
    assert_allclose(data[~seen], (matrix @ estimate).reshape(data.shape)[~seen], rtol=0, atol=1e-8)


@pytest.mark.parametrize("function", [wiener, constrained_least_squares, inverse_filter], ids=lambda f: f.__name__)
@pytest.mark.parametrize("under", [np.nan, np.inf, 1e3, 0.0])
def test_what_lies_under_the_mask_does_not_matter(function, under, oracle):
    rng = np.random.default_rng(1)
    kernel, hidden = oracle.asymmetric((3, 4)), rng.random((40, 36)) < 0.05
    observed = blur(rng.random((40, 36)), kernel)
    spoiled = np.where(hidden, under, observed)
    assert_array_equal(function(spoiled, kernel, mask=hidden), function(observed, kernel, mask=hidden))


@pytest.mark.parametrize("boundary", ["unknown", "periodic"])
def test_an_empty_mask_changes_nothing(boundary, oracle):
    observed, kernel = np.random.default_rng(2).random((32, 30)), oracle.asymmetric((3, 3))
    with_mask = constrained_least_squares(
        observed, kernel, regularization=0.1, boundary=boundary, mask=np.zeros((32, 30), bool)
    )
    without = constrained_least_squares(observed, kernel, regularization=0.1, boundary=boundary)
    assert_allclose(with_mask, without, rtol=0, atol=1e-12)


def test_input_and_mask_are_left_alone(oracle):
    observed, hidden = np.random.default_rng(3).random((32, 30)), np.zeros((32, 30), bool)
    hidden[3:6, 4:20] = True
    before = observed.copy(), hidden.copy()
    for boundary in ("periodic", "unknown"):
        wiener(observed, oracle.asymmetric((3, 3)), nsr=0.1, boundary=boundary, mask=hidden)
    assert_array_equal(observed, before[0])
    assert_array_equal(hidden, before[1])


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("shared", [True, False], ids=["one mask", "per channel"])
def test_channels(axis, shared, oracle):
    rng = np.random.default_rng(4)
    kernel, planes = oracle.asymmetric((3, 4)), rng.random((3, 28, 30))
    hidden = rng.random((28, 30) if shared else (3, 28, 30)) < 0.05
    found = wiener(
        np.moveaxis(planes, 0, axis),
        kernel,
        nsr=0.05,
        mask=hidden if shared else np.moveaxis(hidden, 0, axis),
        boundary="periodic",
        channel_axis=axis,
    )
    assert found.shape == np.moveaxis(planes, 0, axis).shape
    assert np.isfinite(found).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype):
    observed = np.random.default_rng(5).random((32, 32)).astype(dtype)
    found = deconvolve(observed, psf.disk(2), mask=observed > 0.9)
    assert found.image.dtype == dtype


def test_clipped_lights_leave_no_black_halo(pictures):
    sharp = pictures["camera"][100:300, 100:300].copy()
    for row, column in ((60, 70), (140, 150), (30, 160)):
        sharp[row - 3 : row + 4, column - 3 : column + 4] = 8
    kernel = psf.disk(4)
    observed = np.minimum(degrade(sharp, kernel, noise_sigma=0.003, rng=0, boundary="valid"), 1)
    shown = np.clip(sharp[4:-4, 4:-4], 0, 1)
    lights = observed >= 1
    around = ndimage.binary_dilation(lights, iterations=12)

    def error(estimate):
        return float(np.mean((np.clip(estimate, 0, 1) - shown)[around] ** 2))

    masked = error(wiener(observed, kernel, mask=lights))
    assert masked < 0.65 * min(error(observed), error(wiener(observed, kernel)))


def test_a_scratch_is_bridged(pictures):
    sharp, kernel = pictures["camera"][100:300, 100:300], psf.disk(3)
    observed = degrade(sharp, kernel, bsnr=40, rng=0, boundary="valid")
    scratch = np.zeros(observed.shape, bool)
    scratch[90:93, 20:170] = True
    truth = sharp[3:-3, 3:-3]
    spoiled = np.where(scratch, np.nan, observed)
    whole, bridged = (
        np.mean((wiener(*a, **k) - truth) ** 2)
        for a, k in (
            ((observed, kernel), {}),
            ((spoiled, kernel), {"mask": scratch}),
        )
    )
    assert bridged < 1.15 * whole


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        (np.zeros((8, 8)), TypeError, "mask must be bool"),
        (np.zeros((8, 9), bool), ValueError, r"mask must have the shape \(8, 8\)"),
        (np.ones((8, 8), bool), ValueError, "leave some samples known"),
    ],
    ids=["kind", "shape", "everything"],
)
def test_refusals(mask, error, message):
    with pytest.raises(error, match=message):
        wiener(np.zeros((8, 8)), np.ones((1, 1)), mask=mask)
