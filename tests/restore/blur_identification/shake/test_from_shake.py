"""The kernel of a shaken camera is found from the picture alone, and none is claimed where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal
from skimage import data

import restore
from restore import estimate_kernel
from restore.blur_identification.shake import kernel_fit as _kernel_fit
from restore.blur_identification.shake.edge_picture import EdgeDrawing
from restore.blur_identification.shake.from_shake import KernelEstimate, _kernel_estimate
from restore.blur_identification.shake.judgement import Judge, Judgement
from restore.blur_identification.shake.kernel_shape import centred, cleaned, likeness
from restore.blur_identification.shake.search import Found
from restore.blur_identification.texture_window import textured_part
from restore.operators.differences import gradient


def shake(size: int = 15) -> np.ndarray:
    """An asymmetric crooked path with a pause at its end."""
    kernel = np.zeros((size, size))
    middle = size // 2
    kernel[middle - 4 : middle + 3, middle - 3] = 1
    kernel[middle + 3, middle - 3 : middle + 4] = 1
    kernel[middle + 2, middle + 4] = 3
    return kernel / kernel.sum()


def shaken(sharp: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Blur without any assumption about the outside, with noise and 8-bit codes."""
    picture = signal.fftconvolve(sharp, kernel, mode="valid")
    return np.round(255 * (picture + np.random.default_rng(3).normal(0, 0.003, picture.shape))) / 255


@pytest.fixture(scope="module")
def camera() -> np.ndarray:
    return data.camera()[60:280, 150:370] / 255


@pytest.fixture(scope="module")
def found(camera: np.ndarray) -> tuple[KernelEstimate, list[float]]:
    shares: list[float] = []
    return estimate_kernel(shaken(camera, shake()), size=15, callback=shares.append), shares


def test_a_crooked_path_is_found(found):
    estimate = found[0]
    assert estimate.psf.shape == (15, 15)
    assert estimate.size == 15
    assert estimate.confidence != "none"
    assert likeness(estimate.psf, shake()) > 0.92
    mirrored = likeness(estimate.psf, shake()[::-1, ::-1])
    assert likeness(estimate.psf, shake()) > mirrored + 0.4  # not its mirror image, which is as sparse


def test_the_kernel_is_light(found):
    kernel = found[0].psf
    assert kernel.dtype == np.float64
    assert kernel.min() >= 0
    assert kernel.sum() == pytest.approx(1, abs=1e-12)
    centroid = np.array([(kernel.sum(axis=1 - a) * np.arange(15)).sum() for a in (0, 1)])
    assert np.abs(centroid - 7).max() <= 0.75


def test_progress_grows_to_one(found):
    shares = found[1]
    assert shares == sorted(shares)
    assert len(shares) > 2
    assert shares[-1] == pytest.approx(1)


def test_unit_offset_and_channels_do_not_matter(camera):
    picture = shaken(camera[:100, :100], shake(13))
    plain = estimate_kernel(picture, size=13).psf
    other = estimate_kernel(1000 * picture + 50, size=13).psf
    colour = estimate_kernel(np.stack([picture] * 3), size=13, channel_axis=0).psf
    np.testing.assert_allclose(other, plain, atol=1e-6)
    np.testing.assert_allclose(colour, plain, atol=1e-6)


def test_input_is_untouched_and_the_answer_repeats(camera):
    picture = camera[:80, :90].astype(np.float32)
    before = picture.copy()
    first, second = (estimate_kernel(picture, size=9) for _ in range(2))
    assert np.array_equal(picture, before)
    assert np.array_equal(first.psf, second.psf)


def test_sharp_pictures_and_an_empty_one_have_no_kernel():
    for picture in (data.camera()[60:200, 160:300] / 255, data.coins()[:120, :120] / 255, np.zeros((60, 60))):
        estimate = estimate_kernel(picture, size=11)
        assert estimate.confidence == "none"
        assert "collapsed" in estimate.verdict


def evidence(kernel: np.ndarray, **changes: float) -> Found:
    """A kernel for which everything speaks, but for the changes."""
    looks = {"score": 0.5, "misfit": 0.2, "sparseness": 0.7, "beyond": 0.0, "impossible": 0.0}
    says = {"agreement": 0.9, "stability": 0.95, "steepness": 0.3} | changes
    judgement = Judgement(**{name: says.pop(name, value) for name, value in looks.items()})
    return Found(kernel=kernel, judgement=judgement, **says)


def test_a_kernel_that_fills_its_square_is_refused():
    rim = np.zeros((9, 9))
    rim[4] = 1 / 9
    assert _kernel_estimate(evidence(np.full((9, 9), 1 / 81))).confidence == "none"
    assert _kernel_estimate(evidence(rim)).confidence == "weak"
    assert _kernel_estimate(evidence(np.pad(rim, 1))).confidence == "confident"


@pytest.mark.parametrize(
    ("change", "confidence"),
    [
        ({"agreement": 0.68}, "weak"),
        ({"agreement": 0.6}, "none"),
        ({"stability": 0.92}, "weak"),
        ({"stability": 0.8}, "none"),
        ({"beyond": 0.03}, "weak"),
        ({"beyond": 0.1}, "weak"),
        ({"beyond": 0.3}, "none"),
        ({"impossible": 0.1}, "none"),
        ({"agreement": 0.6, "stability": 0.995}, "weak"),
        ({"sparseness": 0.9}, "weak"),
        ({"misfit": 0.5, "agreement": 0.8}, "weak"),
        ({"misfit": 0.5}, "confident"),
        ({"misfit": 0.6}, "weak"),
    ],
)
def test_whatever_speaks_against_a_kernel_takes_from_its_confidence(change, confidence):
    path = np.zeros((21, 21))
    path[10, 3:18] = 1 / 15
    assert _kernel_estimate(evidence(path, **change)).confidence == confidence


def test_a_picture_of_little_contrast_may_be_restored_beyond_its_range():
    """A long kernel leaves a small range of a large one; only what is darker than no light cannot be."""
    kernel = np.full((9, 9), 1 / 81)
    sharp = np.full((90, 90), 0.5)
    sharp[30:50, 40:44], sharp[55:75, 20:24] = 1, 0
    plane = restore.blur(sharp, kernel, boundary="edge")
    plane = (plane - plane.min()) / np.ptp(plane)
    nothing = np.zeros(plane.shape, bool)
    unknown, known = (Judge(plane, nothing, black).of(kernel) for black in (np.inf, -1.0))
    assert unknown.beyond == known.beyond > 0
    assert unknown.impossible > known.impossible == 0


def test_who_gives_a_size_is_told_of_disagreement_but_not_refused():
    path = np.zeros((21, 21))
    path[10, 3:18] = 1 / 15
    assert _kernel_estimate(evidence(path, agreement=0.5), is_size_given=True).confidence == "weak"


@pytest.mark.slow
def test_the_size_is_chosen(camera):
    estimate = estimate_kernel(shaken(data.camera()[:300, :300] / 255, shake(15)))
    assert estimate.size in (13, 15, 17, 19)
    assert likeness(estimate.psf, shake(15)) > 0.8


def test_of_a_large_picture_the_textured_part_is_taken():
    picture = np.zeros((900, 1000))
    picture[320:832, 384:896] = np.random.default_rng(0).random((512, 512))
    part = picture[textured_part(picture)]
    assert part.shape == (512, 512)
    assert np.array_equal(part, picture[320:832, 384:896])


@pytest.mark.parametrize("size", [5, 7])
def test_the_fit_returns_the_kernel_of_exact_data(size, monkeypatch):
    monkeypatch.setattr(_kernel_fit, "RIDGE", 0)
    monkeypatch.setattr(_kernel_fit, "SOLVER_STEPS", 200)
    kernel = np.random.default_rng(1).random((size, size))
    sharp = np.pad(np.random.default_rng(2).random((60, 48)), size)
    blurred = signal.convolve(sharp, kernel, mode="same")
    fitted = _kernel_fit.KernelFit(gradient(blurred), size).kernel(gradient(sharp))
    np.testing.assert_allclose(fitted, kernel, atol=1e-3)


def test_edges_near_clipped_light_are_left_out_of_the_fit():
    kernel = np.full((3, 3), 1 / 9)
    sharp = np.pad(np.random.default_rng(2).random((60, 48)), 5)
    sharp[20:30, 20:30] += 5 * np.random.default_rng(5).random((10, 10))
    blurred = np.minimum(signal.convolve(sharp, kernel, mode="same"), 1)
    lamp = np.zeros(sharp.shape, bool)
    lamp[15:35, 15:35] = True
    with_lamp, without = (
        _kernel_fit.KernelFit(gradient(blurred), 3, hidden).kernel(gradient(sharp)) for hidden in (None, lamp)
    )
    assert np.abs(without - kernel).max() < 0.5 * np.abs(with_lamp - kernel).max()


def test_the_edge_picture_keeps_steps_and_drops_noise():
    step = np.zeros((48, 56))
    step[:, 28:] = 1
    noisy = step + np.random.default_rng(4).normal(0, 0.02, step.shape)
    one = np.zeros((3, 3))
    one[1, 1] = 1
    drawn = EdgeDrawing(noisy, 3).picture(one, 5e-3)
    assert np.std((drawn - step)[4:-4, 4:-4]) < 0.4 * np.std(noisy - step)
    assert np.abs(np.diff(drawn, axis=1))[24, 27] > 0.9


def test_the_edge_picture_undoes_the_blur_up_to_the_border():
    sharp = np.zeros((64, 70))
    sharp[20:50, 25:] = 1
    blurred = signal.convolve(np.pad(sharp, 4, mode="edge"), np.full((1, 9), 1 / 9))
    blurred = blurred[4:-4, 8:-8]
    line = np.zeros((9, 9))
    line[4] = 1 / 9
    drawn = EdgeDrawing(blurred, 9).picture(line, 2e-3)
    assert np.mean((drawn - sharp) ** 2) < 0.3 * np.mean((blurred - sharp) ** 2)


def test_a_small_kernel_beside_steep_edges_is_the_camera_s_own_softness():
    blob, path = np.pad(np.full((4, 4), 1 / 16), 3), np.pad(np.full((2, 6), 1 / 12), ((5, 5), (3, 3)))
    assert _kernel_estimate(evidence(path)).confidence == "confident"
    for kernel in (blob, path):
        assert "looks sharp" in _kernel_estimate(evidence(kernel, steepness=0.5)).verdict


def test_a_kernel_that_softness_may_be_is_not_sure():
    blob, path = np.pad(np.full((4, 4), 1 / 16), 3), np.pad(np.full((2, 9), 1 / 18), ((5, 4), (1, 1)))
    assert _kernel_estimate(evidence(blob)).confidence == "weak"
    assert _kernel_estimate(evidence(path)).confidence == "confident"
    small_beside_steep = _kernel_estimate(evidence(path, steepness=0.45))
    assert small_beside_steep.confidence == "weak"
    assert "softness" in small_beside_steep.verdict


def test_edges_of_a_sharp_picture_refuse_any_kernel():
    path = np.zeros((21, 21))
    path[10, 3:18] = 1 / 15
    assert _kernel_estimate(evidence(path, steepness=0.5)).confidence == "confident"
    assert "as steep as" in _kernel_estimate(evidence(path, steepness=0.55)).verdict
    assert _kernel_estimate(evidence(path, steepness=0.55), is_size_given=True).confidence == "confident"


def test_cleaning_drops_faint_samples_and_islands():
    kernel = np.zeros((7, 7))
    kernel[3, 1:5] = 1
    kernel[2, 1] = 0.03
    kernel[0, 6] = 0.2
    kernel[5, 5] = -0.5
    result = cleaned(kernel, 0.05)
    assert np.array_equal(result > 0, kernel >= 1)
    assert result.sum() == pytest.approx(1)
    assert np.array_equal(cleaned(-kernel - 1, 0.05), cleaned(np.eye(7) * (np.arange(7) == 3), 0.05))


def test_centring_moves_whole_samples():
    kernel = np.zeros((7, 7))
    kernel[1, 1:3] = 0.5
    moved = centred(kernel)
    assert moved[3, 3] == 0.5
    assert moved.sum() == 1


@pytest.mark.parametrize(
    ("size", "error", "text"),
    [(4, ValueError, "odd"), (1, ValueError, ">= 3"), (35, ValueError, "third"), (5.5, TypeError, "whole number")],
)
def test_sizes_that_cannot_be(size, error, text):
    with pytest.raises(error, match=text):
        estimate_kernel(np.zeros((90, 100)), size=size)


def test_pictures_that_cannot_be():
    with pytest.raises(ValueError, match="two spatial axes"):
        estimate_kernel(np.zeros((50, 50, 3)))
    with pytest.raises(ValueError, match="39 pixels"):
        estimate_kernel(np.zeros((30, 50)))
    with pytest.raises(TypeError, match="floating"):
        estimate_kernel(np.zeros((50, 50), np.uint8))
