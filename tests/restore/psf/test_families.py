"""Blur models against their closed forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special

from restore import psf, psf_to_otf

MODELS = {
    "gaussian": lambda: psf.gaussian(1.7),
    "gaussian narrow": lambda: psf.gaussian(0.1),
    "gaussian 1-D": lambda: psf.gaussian([2.0]),
    "gaussian 3-D": lambda: psf.gaussian((1.0, 2.0, 0.5)),
    "disk": lambda: psf.disk(3.3),
    "disk tiny": lambda: psf.disk(1e-3),
    "motion": lambda: psf.motion(9),
    "motion steep": lambda: psf.motion(7.3, 63),
    "motion backwards": lambda: psf.motion(8, 140),
    "motion tiny": lambda: psf.motion(0.2, 30),
    "box": lambda: psf.box(4),
    "box oblong": lambda: psf.box((3, 6.5)),
    "box tiny": lambda: psf.box(0.01),
    "airy": lambda: psf.airy(3.0),
    "airy obstructed": lambda: psf.airy(3.0, obstruction=0.4),
    "moffat": lambda: psf.moffat(2.5, beta=2.5),
}


def moments(kernel, axis):
    """Mean and variance along an axis, in pixels from the centre."""
    profile = kernel.sum(axis=tuple(a for a in range(kernel.ndim) if a != axis))
    x = np.arange(profile.size) - profile.size // 2
    mean = (x * profile).sum()
    return mean, ((x - mean) ** 2 * profile).sum()


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
class TestEveryModel:
    def test_is_a_psf(self, model):
        kernel = model()
        assert kernel.dtype == np.float64
        assert all(n % 2 == 1 for n in kernel.shape)
        assert kernel.min() >= 0
        assert_allclose(kernel.sum(), 1, rtol=1e-13)

    def test_is_symmetric_about_its_centre(self, model):
        kernel = model()
        assert_allclose(kernel, np.flip(kernel), rtol=0, atol=1e-15)
        assert_allclose(psf.centroid_offset(kernel), 0, atol=1e-12)


@pytest.mark.parametrize("sigma", [0.8, 1.0, 1.7, 4.0])
def test_gaussian_has_the_variance_it_is_called_by(sigma):
    # Sampling aliases 6e-5 of the variance at 0.8; cutting at 6 sigma loses 1e-7.
    for axis in (0, 1):
        assert_allclose(moments(psf.gaussian(sigma, truncate=6), axis)[1], sigma**2, rtol=1e-4)


def test_gaussian_takes_one_sigma_per_axis():
    kernel = psf.gaussian((1.0, 2.0, 3.0), truncate=6)
    assert_allclose([moments(kernel, a)[1] for a in range(3)], [1, 4, 9], rtol=1e-5)


def test_gaussians_compose():
    one, other, both = (psf_to_otf(psf.gaussian(s, truncate=8), (96, 96)).real for s in (1.5, 2.0, 2.5))
    # Equal but for the sampling of the band edge, where both are below 1e-3.
    assert_allclose(one * other, both, rtol=0, atol=2e-3)


@pytest.mark.parametrize("radius", [1.0, 2.5, 3.2, 7.9])
def test_disk_follows_the_area_law(radius):
    kernel = psf.disk(radius)
    size = kernel.shape[0] // 2
    x = np.hypot(*np.mgrid[-size : size + 1, -size : size + 1])
    # A pixel wholly inside the circle holds 1 / (pi r^2), one wholly outside nothing (128 lines a pixel: 1e-3).
    assert_allclose(kernel[x < radius - 0.75], 1 / (np.pi * radius**2), rtol=1e-3)
    assert_array_equal(kernel[x > radius + 0.75], 0)


@pytest.mark.parametrize("radius", [2.5, 3.2, 8.0])
def test_disk_has_the_second_moment_of_a_disk_and_of_a_pixel(radius):
    for axis in (0, 1):  # the pixel average adds 1/12; a sharp rim aliases up to 3 % where it is a few pixels wide
        assert_allclose(moments(psf.disk(radius), axis)[1], radius**2 / 4 + 1 / 12, rtol=0.03)


def test_disk_is_the_same_along_both_axes():
    kernel = psf.disk(4.4)
    assert_allclose(kernel, kernel.T, rtol=0, atol=2e-5)


def test_disk_transfer_function_is_the_besinc():
    radius, n = 6.0, 128
    u = np.arange(1, 12) / n
    z = 2 * np.pi * radius * u
    expected = 2 * special.j1(z) / z * np.sinc(u)  # sinc: the pixel's own average
    assert_allclose(psf_to_otf(psf.disk(radius), (n, n))[0, 1:12].real, expected, rtol=0, atol=1e-3)


def test_motion_of_nine_is_nine_equal_samples():
    assert_array_equal(psf.motion(9), np.full((1, 9), psf.motion(9)[0, 0]))
    assert_allclose(psf.motion(9), 1 / 9, rtol=1e-14)
    assert_allclose(psf.motion(9, 90), np.full((9, 1), 1 / 9), rtol=1e-14)


def test_motion_angle_is_counter_clockwise_on_the_screen():
    kernel = psf.motion(15, 30)
    rows, columns = np.nonzero(kernel > 0.02)
    right = columns > kernel.shape[1] // 2
    assert rows[right].mean() < kernel.shape[0] // 2  # to the right means up, and up is a smaller row


@pytest.mark.parametrize("angle", [0, 11, 45, 63, 90, 120, 179])
def test_motion_runs_along_its_angle(angle):
    kernel = psf.motion(21, angle)
    y, x = np.mgrid[: kernel.shape[0], : kernel.shape[1]]
    y, x = kernel.shape[0] // 2 - y, x - kernel.shape[1] // 2
    inertia = 0.5 * np.degrees(np.arctan2(2 * (kernel * x * y).sum(), (kernel * (x**2 - y**2)).sum()))
    # The sharing across the path adds its own small variance to one axis.
    assert abs((inertia - angle + 90) % 180 - 90) < 0.5
    assert_allclose((kernel * (x**2 + y**2)).sum(), 21**2 / 12, rtol=0.02)


def test_motion_is_the_same_backwards():
    assert_allclose(psf.motion(9, 20), psf.motion(9, 200), rtol=0, atol=1e-12)
    assert_allclose(psf.motion(9, 70), psf.motion(9, 20).T[::-1, ::-1], rtol=0, atol=1e-12)
    assert_allclose(psf.motion(9, -20), psf.motion(9, 20)[::-1], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("model", "a", "b"),
    [
        (psf.disk, (3.0,), (3.1,)),
        (psf.motion, (9.0,), (9.1,)),
        (psf.motion, (9.0, 10), (9.0, 11)),
        (psf.box, (4.0,), (4.1,)),
        (psf.gaussian, (1.5,), (1.52,)),
        (psf.airy, (3.0,), (3.05,)),
        (psf.moffat, (3.0,), (3.05,)),
    ],
    ids=["disk radius", "motion length", "motion angle", "box", "gaussian", "airy", "moffat"],
)
def test_part_of_a_pixel_matters(model, a, b):
    one, other = (psf_to_otf(model(*arguments), (128, 128)) for arguments in (a, b))
    assert np.abs(one - other).max() > 0.005


def test_box_of_four_is_centred_by_half_weights():
    profile = np.array([0.5, 1, 1, 1, 0.5]) / 4
    assert_allclose(psf.box(4), np.outer(profile, profile), rtol=1e-14)
    assert_allclose(psf.box(9), np.full((9, 9), 1 / 81), rtol=1e-14)
    assert psf.box((3, 1, 5)).shape == (3, 1, 5)


@pytest.mark.parametrize("radius", [4.0, 7.0])
def test_airy_is_dark_at_its_first_ring(radius):
    kernel = psf.airy(radius)
    centre = kernel.shape[0] // 2
    along = kernel[centre, centre:]
    first_minimum = int(np.argmax(np.diff(along) > 0))
    assert first_minimum == radius
    assert along[first_minimum] < 4e-3 * along[0]  # what the average over the pixel lets in
    assert along[first_minimum + 1 : 2 * int(radius)].max() > 5e-3 * along[0]  # the first bright ring, 1.75 %


def test_airy_passes_nothing_above_its_cut_off():
    radius = 6.0
    otf = psf_to_otf(psf.airy(radius, rings=8), (128, 128)).real
    u = np.hypot(np.fft.fftfreq(128)[:, None], np.fft.rfftfreq(128))
    assert np.abs(otf[u > 1.25 * 1.22 / radius]).max() < 0.01  # the cut tail leaves ripples
    assert otf[u < 0.5 * 1.22 / radius].min() > 0.3


def test_an_obstructed_airy_is_the_power_of_its_ring_of_light():
    radius, share, n = 8.0, 0.35, 1024
    # The aperture as a grid: its transform has the first dark ring of a full one, 1.22 / diameter, at `radius`.
    x = np.hypot(*np.meshgrid(*[np.fft.fftfreq(n) * radius / 1.21967] * 2, indexing="ij"))
    aperture = np.fft.fft2(np.where((x < 0.5) & (x > 0.5 * share), 1.0, 0.0))
    power = np.abs(aperture[:41, :41]) ** 2
    ours = psf.airy(radius, obstruction=share)
    middle = ours.shape[0] // 2
    ours = ours[middle:, middle:][:41, :41]
    assert_allclose(ours / ours[0, 0], power / power[0, 0], rtol=0, atol=0.02)  # of the steps, and of the pixel
    with pytest.raises(ValueError, match="obstruction must be below 1"):
        psf.airy(3.0, obstruction=1.0)


@pytest.mark.parametrize("beta", [2.5, 4.765])
def test_moffat_has_half_its_peak_at_half_its_width(beta):
    kernel = psf.moffat(12.0, beta=beta)  # wide, so that the average over a pixel is negligible
    centre = kernel.shape[0] // 2
    assert_allclose(kernel[centre, centre + 6] / kernel[centre, centre], 0.5, rtol=0.01)
    assert_allclose(kernel[centre + 6, centre] / kernel[centre, centre], 0.5, rtol=0.01)


class TestMeasured:
    def test_removes_a_background(self):
        spot = psf.disk(2.0)
        padded = np.pad(spot, 4)
        assert_allclose(psf.measured(1000 * padded + 37), padded, rtol=0, atol=1e-12)
        assert_allclose(psf.measured(1000 * padded + 37, background=37), padded, rtol=0, atol=1e-12)

    def test_keeps_a_given_background_of_zero(self):
        samples = np.full((3, 3), 2.0)
        samples[1, 1] = 4
        assert_allclose(psf.measured(samples, background=0), samples / 20)

    def test_sets_what_lies_below_the_background_to_zero(self):
        samples = np.full((5, 5), 1.0)
        samples[2, 2], samples[2, 1] = 2, 0.2
        assert_array_equal(np.nonzero(psf.measured(samples)), [[2], [2]])

    @pytest.mark.parametrize("shape", [(4, 4), (4, 5), (6,), (4, 5, 6)], ids=str)
    def test_grows_even_sizes_without_moving_the_centre(self, shape):
        samples = np.zeros(shape)
        samples[tuple(n // 2 for n in shape)] = 1
        kernel = psf.measured(samples)
        assert all(n % 2 == 1 for n in kernel.shape)
        assert kernel[tuple(n // 2 for n in kernel.shape)] == 1
        assert kernel.sum() == 1

    def test_never_moves_unasked(self):
        samples = np.zeros((7, 7))
        samples[1, 4] = 1
        assert_array_equal(psf.measured(samples, background=0), samples)
        assert_array_equal(psf.centroid_offset(psf.measured(samples, background=0)), [-2, 1])

    @pytest.mark.parametrize("where", [(1, 4), (6, 0), (3, 3), (0, 5)], ids=str)
    @pytest.mark.parametrize("shape", [(7, 7), (8, 6)], ids=str)
    def test_centres_on_request_and_keeps_the_light(self, where, shape):
        samples = np.zeros(shape)
        samples[where] = 2
        kernel = psf.measured(samples, background=0, center=True)
        assert_array_equal(psf.centroid_offset(kernel), [0, 0])
        assert kernel.max() == 1

    def test_takes_integers(self):
        samples = np.zeros((5, 5), np.uint16)
        samples[2, 2] = 65535
        assert psf.measured(samples)[2, 2] == 1


def test_centroid_offset_is_linear_in_a_shift():
    kernel = np.zeros((5, 6))
    kernel[3, 2] = kernel[3, 3] = 7
    assert_allclose(psf.centroid_offset(kernel), [1, -0.5])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: psf.gaussian(0), ValueError, "sigma must be finite and > 0, got 0"),
        (lambda: psf.gaussian((1, -2)), ValueError, "sigma must be finite and > 0, got -2"),
        (lambda: psf.gaussian("wide"), TypeError, "sigma must be a number, got 'wide'"),
        (lambda: psf.gaussian(None), TypeError, "sigma must be a number, got None"),
        (lambda: psf.gaussian(1 + 1j), TypeError, "sigma must be a number"),
        (lambda: psf.gaussian(np.complex128(1)), TypeError, "sigma must be a number"),
        (lambda: psf.gaussian([]), ValueError, "sigma must hold one number per axis"),
        (lambda: psf.gaussian(1, truncate=np.inf), ValueError, "truncate must be finite and > 0, got inf"),
        (lambda: psf.disk(np.nan), ValueError, "radius must be finite and > 0, got nan"),
        (lambda: psf.disk([1, 2]), TypeError, r"radius must be a number, got \[1, 2\]"),
        (lambda: psf.motion(-3), ValueError, "length must be finite and > 0, got -3"),
        (lambda: psf.motion(9, np.inf), ValueError, "angle must be finite, got inf"),
        (lambda: psf.motion(9, "steep"), TypeError, "angle must be a number, got 'steep'"),
        (lambda: psf.box((3, 0)), ValueError, "size must be finite and > 0, got 0"),
        (lambda: psf.box(()), ValueError, "size must hold one number per axis"),
        (lambda: psf.airy(0), ValueError, "radius must be finite and > 0, got 0"),
        (lambda: psf.airy(3, rings=-1), ValueError, "rings must be finite and > 0, got -1"),
        (lambda: psf.moffat(0), ValueError, "fwhm must be finite and > 0, got 0"),
        (lambda: psf.moffat(3, beta=1), ValueError, "beta must be finite and > 1, got 1"),
        (lambda: psf.moffat(3, beta="x"), TypeError, "beta must be a number, got 'x'"),
        (lambda: psf.moffat(3, reach=0), ValueError, "reach must be finite and > 0, got 0"),
        (lambda: psf.measured(np.ones((3, 3)) * 1j), TypeError, "samples must be real, got complex128"),
        (lambda: psf.measured(np.zeros((0, 3))), ValueError, r"samples must hold .* got shape \(0, 3\)"),
        (lambda: psf.measured([[1, np.nan]]), ValueError, r"samples must be finite, got 1 .* \(0, 1\)"),
        (lambda: psf.measured(np.ones((3, 3))), ValueError, "samples must rise above the background 1, got at most"),
        (lambda: psf.measured(np.eye(5), background="rim"), TypeError, "background must be a number, got 'rim'"),
        (lambda: psf.measured(np.eye(5), background=np.nan), ValueError, "background must be finite, got nan"),
        (lambda: psf.centroid_offset(np.zeros((3, 3))), ValueError, "psf must have a positive sum, got 0"),
        (lambda: psf.centroid_offset(np.eye(3) * 1j), TypeError, "psf must be real, got complex128"),
    ],
)
def test_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("off", [(0.3, -0.4), (-1.6, 0.2)])
def test_a_centroid_is_put_exactly_in_the_middle(off):
    """The same PSF drawn elsewhere between the samples comes back, with nothing below 0."""
    sigma, places = np.array([1.6, 2.1]), np.indices((25, 31)) - np.array([12, 15])[:, None, None]
    drawn = np.exp(-0.5 * sum(((p - o) / s) ** 2 for p, o, s in zip(places, off, sigma, strict=True)))
    moved = psf.measured(drawn, background=0, center="exactly")
    expected = np.exp(-0.5 * sum((p / s) ** 2 for p, s in zip(places, sigma, strict=True)))
    assert np.abs(psf.centroid_offset(moved)).max() < 2e-3
    grown = [(m - n) // 2 for m, n in zip(moved.shape, expected.shape, strict=True)]
    inner = moved[tuple(slice(g, g + n) for g, n in zip(grown, expected.shape, strict=True))]
    np.testing.assert_allclose(inner, expected / expected.sum(), atol=1e-3 * moved.max())
    assert moved.min() >= 0
    with pytest.raises(ValueError, match="center must be True, False or 'exactly'"):
        psf.measured(drawn, center="nearly")
