"""Arguments that once raised what no caller expects: refused by the package's own errors, or computed with."""

import numpy as np
import pytest

import restore
import restore.checks
import upsample
import upsample.checks

ONES = np.ones((4, 5))
POINT = np.ones((1, 1))


@pytest.mark.parametrize(
    "call",
    [
        lambda: restore.psf_to_otf(ONES, 8),
        lambda: restore.psf_to_otf(ONES, (8, 0.5)),
        lambda: restore.psf_to_otf(ONES, True),
        lambda: restore.otf_to_psf(np.ones((4, 3)), (4, 4), 2),
        lambda: restore.psf.measured(np.float64(3)),
        lambda: restore.psf.gaussian(1e30),
        lambda: restore.psf.box(1e30),
        lambda: restore.psf.disk(1e30),
        lambda: restore.psf.motion(1e308, 45),
        lambda: restore.psf.airy(1e308),
        lambda: restore.psf.moffat(1e308),
        lambda: restore.degrade(ONES, POINT, photons=1e30),
        lambda: restore.psf.centroid_offset([np.inf, 1.0]),
        lambda: restore.psf.centroid_offset(3.0),
        lambda: restore.inverse_anscombe(np.full((3, 3), 1e30, np.float32), gain=1.0),
        lambda: restore.inverse_anscombe(1e200 * ONES, gain=1.0, read_noise=1.0),
        lambda: restore.wiener(np.ones((4, 0)), POINT, channel_axis=-1, mask=np.zeros((4, 0), bool)),
        lambda: restore.anscombe(ONES, gain=1e-320),
        lambda: restore.inverse_anscombe(ONES, gain=1e-300, read_noise=1.0),
        lambda: restore.psf_from_point(np.zeros((9, 9)), (0, 0, 9, 9)),
        lambda: restore.deconvolve(ONES, POINT, smoothness=1e9),
        lambda: restore.deconvolve(ONES, POINT, smoothness=1e-9),
        lambda: upsample.convolution_matrix(ONES, 3),
        lambda: upsample.convolution_matrix(ONES, None),
        lambda: upsample.convolution_matrix(np.ones((0, 4)), (5, 6)),
        lambda: upsample.checkerboard(np.ones(0), 1),
        lambda: upsample.checkerboard(np.ones((1, 1, 0, 3)), 1),
        lambda: upsample.pixel_shuffle(np.ones((4, 2, 2)), 2, axes=2.0),
        lambda: upsample.conv(np.ones((1, 4)), np.ones((1, 1, 2)), stride=np.ones(2)),
        lambda: upsample.conv(np.full((1, 4), 3e38, np.float32), np.ones((1, 1, 2))),
        lambda: upsample.conv_transpose(np.full((1, 4), 6e4, np.float16), np.full((1, 1, 3), 2.0)),
        lambda: upsample.conv_transpose(np.zeros((1, 4), np.float32), np.full((1, 1, 3), 1e300)),
        lambda: upsample.conv_transpose(np.ones((1, 4), np.float32), np.ones((1, 1, 3)), np.full(1, 1e300)),
        lambda: upsample.steps(1e308 * np.ones((1, 4)), np.full((1, 1, 3), 2j)),
        lambda: upsample.subpixel(1e308 * np.ones((1, 4)), np.ones((1, 1, 2)), np.full(1, 1e308)),
        lambda: upsample.scatter(1e308 * np.ones(4), np.ones(2)),
        lambda: upsample.missed_responses(ONES[None], np.ones((1, 1, 1, 1)), stride=1.5),
        lambda: upsample.missed_responses(np.array([[-1e308, 1e308]]), np.ones((1, 1, 1))),
        lambda: upsample.conv_gradients(1e308 * np.ones((1, 4)), np.ones((1, 1, 1)), np.ones((1, 4))),
        lambda: upsample.checkerboard(np.full((3, 3), 1e308), 2),
    ],
)
def test_they_are_refused(call):
    with pytest.raises((restore.checks.Refusal, upsample.checks.Refusal)) as caught:
        call()
    assert isinstance(caught.value, (ValueError, TypeError))


@pytest.mark.parametrize("length", [1e-323, 1e-200, 1e-9])
@pytest.mark.parametrize("family", ["gaussian", "disk", "box", "airy", "moffat", "motion"])
def test_a_blur_that_is_far_too_short_is_a_point(family, length):
    psf = getattr(restore.psf, family)(length)
    assert psf.max() == pytest.approx(1, abs=1e-12)
    assert psf.sum() == pytest.approx(1, abs=1e-12)


def test_a_moffat_profile_of_steep_wings_is_a_gaussian():
    steep = restore.psf.moffat(3.0, beta=1e30, reach=2.0)
    assert steep == pytest.approx(restore.psf.moffat(3.0, beta=1e5, reach=2.0), abs=1e-5)
    variance = 9 / (8 * np.log(2)) + 1 / 12  # and that of a pixel
    exact = np.exp(-(np.arange(-6.0, 7) ** 2) / (2 * variance))
    assert steep[6] / steep[6].max() == pytest.approx(exact, abs=0.01)


def test_a_point_is_measured_in_any_unit():
    spot = np.full((5, 5), 0.1)
    spot[2, 2] = 0.4
    assert restore.psf.measured(1e-320 * spot, background=-1.0) == pytest.approx(np.full((5, 5), 0.04))
    for scale in (1e308, 1e-308):
        assert restore.psf.measured(scale * spot) == pytest.approx(restore.psf.measured(spot), abs=1e-12)
        assert restore.psf.measured(scale * spot, background=scale * 0.2)[2, 2] == 1


def test_offsets_likeness_and_checkerboards_have_no_unit():
    ramp = np.arange(12.0).reshape(3, 4)
    for scale in (1e305, 1e-310):
        assert restore.psf.centroid_offset(scale * ramp) == pytest.approx(restore.psf.centroid_offset(ramp), abs=1e-9)
        assert upsample.checkerboard(scale * ramp, 2).imbalance == pytest.approx(
            upsample.checkerboard(ramp, 2).imbalance
        )
        assert 0 <= restore.ssim(np.zeros((3, 4)), scale * ramp) <= 1


def test_what_is_known_only_at_the_edge_is_restored():
    seen = np.zeros((16, 16), bool)
    seen[0] = True
    image = np.where(seen, np.random.default_rng(0).random((16, 16)), 0)
    assert np.isfinite(restore.deconvolve(image, restore.psf.disk(1.5), mask=~seen).image).all()


def test_channels_that_are_nowhere_known_together_are_restored():
    colour = np.random.default_rng(0).random((12, 12, 2))
    mask = np.stack([np.arange(144).reshape(12, 12) % 2 == side for side in (0, 1)], axis=-1)
    result = restore.deconvolve(colour, np.array([[0, 0.25, 0.75]]), mask=mask, channel_axis=-1)
    assert np.isfinite(result.image).all()


def test_blocks_of_rows_change_nothing(monkeypatch):
    from restore.psf import raster

    whole = restore.psf.disk(4.3), restore.psf.moffat(2.2)
    monkeypatch.setattr(raster, "AT_ONCE", 1)
    for one, other in zip(whole, (restore.psf.disk(4.3), restore.psf.moffat(2.2)), strict=True):
        assert np.array_equal(one, other)
