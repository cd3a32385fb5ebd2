"""What each boundary word puts beyond the frame."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from restore import blur
from restore.observation.boundary import BOUNDARIES, extend, gap

PADDED = {"reflect": "reflect", "symmetric": "symmetric", "edge": "edge", "zero": "constant"}


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_frame_holds_the_picture(scene, boundary):
    extended, frame = extend(scene.image, scene.psf, boundary)
    if boundary != "taper":
        assert_array_equal(extended[frame], scene.image)
    assert extended[frame].shape == scene.shape
    assert extended.dtype == scene.image.dtype


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_channels_are_extended_alike(boundary, oracle):
    picture, kernel = np.random.default_rng(0).random((13, 16, 3)), oracle.asymmetric((4, 5))
    extended, frame = extend(picture, kernel, boundary)
    for c in range(3):
        plane, same = extend(picture[..., c], kernel, boundary)
        assert_allclose(extended[..., c], plane, rtol=0, atol=1e-13)
        assert same == frame


@pytest.mark.parametrize("boundary", PADDED)
def test_padding_words_are_those_of_numpy(scene, boundary):
    extended, frame = extend(scene.image, scene.psf, boundary)
    width = [(f.start, m - f.stop) for f, m in zip(frame, extended.shape, strict=True)]
    assert_array_equal(extended, np.pad(scene.image, width, mode=PADDED[boundary]))


@pytest.mark.parametrize("boundary", [*PADDED, "smooth", "unknown"])
def test_the_psf_fits_into_the_gap(scene, boundary):
    extended, frame = extend(scene.image, scene.psf, boundary)
    for f, m, k in zip(frame, extended.shape, scene.psf.shape, strict=True):
        assert f.start >= k // 2
        assert m - f.stop >= k // 2


def test_periodic_has_no_gap(scene):
    assert extend(scene.image, scene.psf, "periodic")[0] is scene.image


@pytest.mark.parametrize("size", [1, 7, 13, 64, 97, 509])
@pytest.mark.parametrize("psf_size", [1, 2, 9])
def test_gap_reaches_a_fast_size(size, psf_size):
    total = size + gap(size, psf_size, 2)
    assert total >= size + 4 * (psf_size // 2)
    for prime in (2, 3, 5):
        while total % prime == 0:
            total //= prime
    assert total == 1


@pytest.mark.parametrize("shape", [(20,), (14, 17), (7, 8, 9)], ids=str)
def test_smooth_fill_is_harmonic(shape):
    """Its Laplacian is 0: periodic along axes closed before, free (Neumann) along those still open."""
    image = np.random.default_rng(1).random(shape)
    extended, frame = extend(image, np.ones((5,) * len(shape)), "smooth")
    extended = np.roll(extended, [-f.start for f in frame], range(len(shape)))
    for axis, n in enumerate(shape):
        assert extended.shape[axis] > n
        part = extended[tuple(slice(None) if a <= axis else slice(shape[a]) for a in range(len(shape)))]
        laplacian = np.zeros(part.shape)
        for a in range(len(shape)):
            padded = np.pad(
                part,
                [(1, 1) if b == a else (0, 0) for b in range(len(shape))],
                mode="wrap" if a <= axis else "symmetric",
            )
            laplacian += np.diff(padded, 2, a)
        inside = tuple(slice(n, None) if a == axis else slice(None) for a in range(len(shape)))
        assert_allclose(laplacian[inside], 0, atol=1e-12)


def test_smooth_fill_stays_within_the_picture(scene):
    extended, _ = extend(scene.image, scene.psf, "smooth")
    assert scene.image.min() - 1e-12 <= extended.min() <= extended.max() <= scene.image.max() + 1e-12


class TestTaper:
    def test_leaves_the_interior_untouched(self, oracle):
        image, kernel = np.random.default_rng(0).random((40, 45)), oracle.asymmetric((5, 4))
        tapered, _ = extend(image, kernel, "taper")
        # The autocorrelation of a PSF of k samples ends after k - 1.
        assert_allclose(tapered[5:-5, 4:-4], image[5:-5, 4:-4], rtol=0, atol=1e-14)
        assert np.abs(tapered - image)[0].max() > 0.01

    def test_rim_is_the_blurred_picture(self, oracle):
        image, kernel = np.random.default_rng(0).random((40, 45)), oracle.asymmetric((5, 4))
        tapered, _ = extend(image, kernel, "taper")
        blurred = blur(image, kernel, boundary="periodic")
        for side in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
            assert_allclose(tapered[side], blurred[side], rtol=1e-12)

    def test_weight_is_one_minus_the_projected_autocorrelation(self, oracle):
        image, kernel = np.random.default_rng(0).random((24, 20)), oracle.asymmetric((3, 5))
        ramps = []
        for axis, n in enumerate(image.shape):
            profile = kernel.sum(axis=1 - axis)
            correlation = np.correlate(profile, profile, "full")[profile.size - 1 :]
            ramp = np.ones(n)
            ramp[: profile.size] -= correlation / correlation[0]
            ramp[::-1][: profile.size] -= correlation / correlation[0]
            ramps.append(ramp)
        weight = np.multiply.outer(*ramps)
        expected = weight * image + (1 - weight) * blur(image, kernel, boundary="periodic")
        assert_allclose(extend(image, kernel, "taper")[0], expected, rtol=0, atol=1e-12)


def test_unknown_word_is_refused():
    with pytest.raises(ValueError, match=r"boundary must be one of unknown, .*periodic, .* got 'mirror'"):
        extend(np.ones((5, 5)), np.ones((1, 1)), "mirror")
