"""Laws that hold for every PSF: adjoint, Parseval, identity, shift, mean, round trip."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import fft

from restore import blur, constrained_least_squares, geometric_mean_filter, inverse_filter, wiener
from restore.observation.observation import observe
from restore.operators.fourier import filtered, inverse, multiplicity, spectrum_blocks
from restore.operators.penalty import roughness
from restore.parameter_choice.rules import residual_energy

FILTERS = {
    "wiener": lambda g, h, **k: wiener(g, h, nsr=0.05, **k),
    "least squares": lambda g, h, **k: constrained_least_squares(g, h, regularization=0.05, **k),
    "gradient": lambda g, h, **k: constrained_least_squares(g, h, regularization=0.05, operator="gradient", **k),
    "inverse": inverse_filter,
    "geometric mean": lambda g, h, **k: geometric_mean_filter(g, h, nsr=0.05, **k),
    "blur": blur,
}


@pytest.mark.parametrize("boundary", ["periodic", "zero"])
def test_turning_the_psf_gives_the_adjoint(scene, boundary):
    """<h * f, g> = <f, h~ * g>; a PSF of even size is turned about the sample right of the middle."""
    f, g = np.random.default_rng(0).random((2, *[n + 1 for n in scene.shape]))
    turned = np.flip(np.pad(scene.psf, [(0, 1 - k % 2) for k in scene.psf.shape]))
    forward = np.vdot(blur(f, scene.psf, boundary=boundary), g)
    assert_allclose(forward, np.vdot(f, blur(g, turned, boundary=boundary)), rtol=1e-12)


@pytest.mark.parametrize("operation", FILTERS.values(), ids=FILTERS)
class TestEveryFilter:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_shift_of_the_data_shifts_the_result(self, scene, operation, dtype):
        shift, axes = range(2, 2 + len(scene.shape)), range(len(scene.shape))
        image = scene.image.astype(dtype)
        moved = operation(np.roll(image, shift, axes), scene.psf, boundary="periodic")
        fixed = operation(image, scene.psf, boundary="periodic")
        assert_allclose(moved, np.roll(fixed, shift, axes), rtol=0, atol=2e3 * np.finfo(dtype).eps)

    def test_point_response_is_the_filter(self, scene, operation):
        """A point gives the kernel of the filter, and any picture is the sum of its points."""
        point = np.zeros(scene.shape)
        point[(0,) * point.ndim] = 1
        kernel = np.fft.fftn(operation(point, scene.psf, boundary="periodic"))
        expected = np.fft.ifftn(kernel * np.fft.fftn(scene.image)).real
        assert_allclose(operation(scene.image, scene.psf, boundary="periodic"), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("boundary", ["unknown", "periodic", "smooth", "reflect", "symmetric", "edge", "zero"])
def test_delta_psf_restores_to_the_picture_itself(scene, boundary):
    delta = np.zeros(scene.psf.shape)
    delta[tuple(n // 2 for n in delta.shape)] = 1
    for found in (
        inverse_filter(scene.image, delta, boundary=boundary),
        wiener(scene.image, delta, nsr=0, boundary=boundary),
        constrained_least_squares(scene.image, delta, regularization=0, boundary=boundary),
        geometric_mean_filter(scene.image, delta, nsr=0, boundary=boundary),
    ):
        assert_allclose(found, scene.image, rtol=0, atol=1e-12)


@pytest.mark.parametrize("boundary", ["periodic", "reflect", "edge", "smooth", "unknown", "taper"])
@pytest.mark.parametrize("operation", [FILTERS["least squares"], FILTERS["gradient"], FILTERS["inverse"], blur])
def test_flat_pictures_stay_as_they_are(scene, operation, boundary):
    flat = np.full(scene.shape, 0.7)
    assert_allclose(operation(flat, scene.psf, boundary=boundary), flat, rtol=1e-10)


def test_mean_is_kept(scene):
    for name in ("least squares", "gradient", "inverse", "blur"):
        found = FILTERS[name](scene.image, scene.psf, boundary="periodic")
        assert_allclose(found.mean(), scene.image.mean(), rtol=1e-12)
    # The textbook's scalar ratio charges the mean like every other frequency.
    assert_allclose(FILTERS["wiener"](scene.image, scene.psf, boundary="periodic").mean(), scene.image.mean() / 1.05)


@pytest.mark.parametrize("operator", ["laplacian", "gradient", "identity"])
def test_residual_energy_by_parseval_is_that_of_the_picture(scene, operator):
    observation = observe(scene.image, scene.psf, "periodic")
    for weight in (1e-3, 0.1, 10.0):
        found = constrained_least_squares(
            scene.image, scene.psf, regularization=weight, operator=operator, boundary="periodic"
        )
        residual = scene.image - blur(found, scene.psf, boundary="periodic")
        penalty = roughness(operator, scene.shape, np.float64)
        phi, slope = residual_energy(observation, penalty, weight)
        assert_allclose(phi, np.sum(residual**2), rtol=1e-10)
        step = 1e-4
        ends = [residual_energy(observation, penalty, weight * np.exp(s))[0] for s in (-step, step)]
        assert_allclose(slope, (ends[1] - ends[0]) / (2 * step), rtol=1e-5)


def test_power_blocks_hold_the_energy_of_the_data(scene):
    for boundary in ("periodic", "reflect"):
        observation = observe(scene.image, scene.psf, boundary)
        energy = sum(power.sum() for _, power in observation.power_blocks())
        assert_allclose(energy, np.sum(observation.data**2), rtol=1e-12)


def test_some_columns_of_a_spectrum_are_those_of_the_whole(monkeypatch):
    monkeypatch.setattr("restore.operators.fourier.BLOCK_BYTES", 2000)  # several blocks
    picture = np.random.default_rng(0).random((12, 61, 2))
    whole = np.fft.rfft2(picture, axes=(0, 1))
    blocks = list(spectrum_blocks(picture, 2, one_in=3))
    assert len(blocks) > 1
    assert_allclose(np.concatenate([b for _, b in blocks], axis=1), whole[:, ::3], atol=1e-12)
    for columns, block in blocks:
        assert_allclose(block, whole[:, columns], atol=1e-12)


@pytest.mark.parametrize("shape", [(1,), (2,), (7,), (8,), (5, 1), (5, 2), (4, 7, 6)], ids=str)
def test_multiplicity_counts_every_frequency_once(shape):
    picture = np.random.default_rng(0).random(shape)
    power = np.abs(np.fft.rfftn(picture)) ** 2
    assert_allclose((multiplicity(shape) * power).sum() / picture.size, np.sum(picture**2), rtol=1e-12)


class TestFourierPass:
    @pytest.mark.parametrize("block_bytes", [1, 1000, 1 << 30])
    @pytest.mark.parametrize("shape", [(30,), (16, 19), (5, 6, 8)], ids=str)
    @pytest.mark.parametrize("workers", [1, 2])
    def test_by_columns_is_the_whole(self, shape, block_bytes, workers, monkeypatch):
        monkeypatch.setattr("restore.operators.fourier.BLOCK_BYTES", block_bytes)
        for colour in ((), (3,)):
            picture = np.random.default_rng(0).random(shape + colour)
            axes = range(len(shape))
            gain = np.random.default_rng(1).random((*shape[:-1], shape[-1] // 2 + 1))
            spectrum = np.fft.rfftn(picture, axes=axes)
            expected = np.fft.irfftn(spectrum * gain.reshape(gain.shape + (1,) * len(colour)), s=shape, axes=axes)
            with fft.set_workers(workers):
                found = filtered(picture, len(shape), lambda columns, g=gain: g[..., columns].copy())
            assert_allclose(found, expected, rtol=0, atol=1e-12)
            blocks = np.concatenate([b for _, b in spectrum_blocks(picture, len(shape))], axis=len(shape) - 1)
            assert_allclose(blocks, spectrum, rtol=0, atol=1e-10)

    def test_inverse(self):
        for shape in ((9,), (8, 9), (4, 5, 6)):
            picture = np.random.default_rng(0).random(shape)
            assert_allclose(inverse(np.fft.rfftn(picture), shape), picture, rtol=0, atol=1e-14)
