"""A part of a picture, restored with what one window told, is what the whole would be there."""

import numpy as np
import pytest

import restore
from restore.tiles.part import findings, restored_part, smoother

#: How far from the rim of a block the inverse filter has forgotten it.
RIM = 24


@pytest.fixture(scope="module", params=[2, 3], ids=["gray", "colour"])
def observed(request):
    """Return a blurred picture of float32 and its PSF, an asymmetric one."""
    rng = np.random.default_rng(1)
    sharp = np.kron(rng.random((16, 20)), np.ones((8, 8)))
    psf = np.zeros((3, 5))
    psf[1, 1:], psf[2, 3] = 0.2, 0.2
    gray = restore.degrade(sharp, psf, noise_sigma=0.01, rng=rng)
    image = gray if request.param == 2 else np.stack([gray, 0.5 * gray, gray**2], axis=-1)
    return image.astype(np.float32), psf, None if request.param == 2 else -1


@pytest.mark.parametrize(
    ("settings", "off"),
    [({"method": "wiener"}, 0.02), ({"method": "cls"}, 0.01), ({"method": "hyper_laplacian"}, 0.02)],
)
def test_inside_a_part_is_what_the_whole_is(observed, settings, off):
    image, psf, axis = observed
    whole = restore.deconvolve(image, psf, channel_axis=axis, outliers="keep", **settings)
    known = findings(image, psf, channel_axis=axis, **settings)
    block = image[16:112, 30:140]
    part = restored_part(block if axis else block[..., None], psf, known)
    assert part.image.dtype == np.float32
    inside = np.s_[RIM:-RIM, RIM:-RIM]
    difference = part.image.reshape(block.shape)[inside] - whole.image[16:112, 30:140][inside]
    assert np.abs(difference).max() < off
    assert part.noise_sigma == pytest.approx(whole.noise_sigma, rel=0.2)
    assert part.strength == pytest.approx(whole.parameter, rel=0.3)


def test_a_given_strength_is_taken_and_a_factor_multiplies_it(observed):
    image, psf, axis = observed
    known = findings(image, psf, channel_axis=axis, method="wiener", nsr=0.01)
    block = image if axis else image[..., None]
    assert restored_part(block, psf, known).strength == pytest.approx(0.01)
    assert restored_part(block, psf, smoother(known, 3.0)).strength == pytest.approx(0.03)
    assert restored_part(block, psf, smoother(known, 3.0)).rule == "given"


def test_the_unit_of_the_picture_changes_nothing(observed):
    image, psf, axis = observed
    parts = []
    for each in (image * np.float32(2.0**10), image * np.float32(2.0**20)):
        known = findings(each, psf, channel_axis=axis, method="hyper_laplacian")
        parts.append(restored_part(each if axis else each[..., None], psf, known))
    np.testing.assert_allclose(parts[1].image, 1024 * parts[0].image, rtol=1e-6)
    assert parts[1].noise_sigma == pytest.approx(1024 * parts[0].noise_sigma)


def test_another_psf_may_be_tried_with_what_is_known(observed):
    image, psf, axis = observed
    known = findings(image, psf, channel_axis=axis, method="wiener")
    block = image if axis else image[..., None]
    other = restored_part(block, restore.psf.disk(2.0), known)
    assert other.noise_sigma == restored_part(block, psf, known).noise_sigma
    assert np.abs(other.image - restored_part(block, psf, known).image).max() > 0.01


def test_the_callback_ends_what_is_not_needed_any_more(observed):
    image, psf, axis = observed
    known = findings(image, psf, channel_axis=axis, method="hyper_laplacian")

    class Over(Exception):
        pass

    def stop(share):
        raise Over

    with pytest.raises(Over):
        restored_part(image if axis else image[..., None], psf, known, stop)
