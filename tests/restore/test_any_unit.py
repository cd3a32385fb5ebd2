"""Any unit: a times the data give a times the picture, for every method, estimator and measure.

By powers of two, where a computation in a unit of its own is the same to the last bit.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import restore
from restore.methods.method import METHODS

H = restore.psf.gaussian(1.0)
Y, X = np.mgrid[:32, :30]
SHARP = 0.1 + 0.5 * ((abs(Y - 15) < 8) & (abs(X - 14) < 9)) + 0.2 * np.sin(X / 2) ** 2 * (Y > 20)
SEEN = np.maximum(restore.degrade(SHARP, H, noise_sigma=0.02, rng=0), 0)  # between 0.5 and 1 at most
COLOUR = np.stack([SEEN, SEEN[::-1], 0.5 * SEEN])
MASK = (abs(Y - 9) < 2) & (abs(X - 20) < 3)
SMALL, LARGE = 2.0**-100, 2.0**100  # far beyond what float32 squares
TINY, HUGE = 2.0**-830, 2.0**830  # and float64


def of(dtype, a, image=SEEN):
    """A picture in another unit."""
    return image.astype(dtype) * dtype(a)


#: A picture and what else is said of it, for each type and unit.
CASES = {
    "gray, float32 large": (np.float32, LARGE, SEEN, {}),
    "colour, float32 small": (np.float32, SMALL, COLOUR, {"channel_axis": 0, "boundary": "reflect"}),
    "masked, float64 tiny": (np.float64, TINY, SEEN, {"mask": MASK}),
    "periodic, float64 huge": (np.float64, HUGE, SEEN, {"boundary": "periodic"}),
}
QUICK = [method for method in METHODS if method not in ("nonlocal", "aggregate_patches")]  # which others show as well


#: Every method in both types, in a larger unit and in a smaller one, and every case with half of the methods: masks,
#: colours and borders meet the unit at one door, for all methods.
PAIRS = [(method, case) for row, method in enumerate(QUICK) for case in list(CASES)[row % 2 :: 2]]


@pytest.mark.parametrize(("method", "case"), PAIRS)
def test_restorations_scale(method, case):
    dtype, a, image, keywords = CASES[case]
    one = restore.deconvolve(of(dtype, 1, image), H, method=method, **keywords)
    other = restore.deconvolve(of(dtype, a, image), H, method=method, **keywords)
    assert other.image.dtype == dtype
    assert_array_equal(other.image, dtype(a) * one.image)
    assert_array_equal(other.diagnosis.residual, dtype(a) * one.diagnosis.residual)
    assert other.noise_sigma == a * one.noise_sigma
    assert other.diagnosis.residual_sigma == a * one.diagnosis.residual_sigma
    degree = 0 if METHODS[method].strength is None else METHODS[method].strength.degree
    assert other.parameter == a**degree * one.parameter
    assert (other.rule, other.iterations, other.doubts) == (one.rule, one.iterations, one.doubts)


#: What takes arguments with units, as a function of the picture and of its unit.
DOORS = {
    "wiener": lambda g, a: restore.wiener(g, H, boundary="zero"),
    "wiener with spectra": lambda g, a: restore.wiener(
        g, H, signal_spectrum=np.full(g.shape, a * 1e-9 * a), noise_spectrum=a * 1e-11 * a
    ),
    "geometric mean": lambda g, a: restore.geometric_mean_filter(g, H, nsr=0.01),
    "inverse": lambda g, a: restore.inverse_filter(g, H, threshold=0.2),
    "least squares": lambda g, a: restore.constrained_least_squares(g, H, noise_var=4e-4 * a**2),
    "total variation": lambda g, a: restore.total_variation(g, H, strength=0.01 * a),
    "hyper-Laplacian": lambda g, a: restore.hyper_laplacian(g, H, strength=0.01),
    "aggregate": lambda g, a: restore.aggregate(g, H, noise_var=4e-4 * a**2),
    "patches": lambda g, a: restore.nonlocal_deconvolution(g, H, noise_var=4e-4 * a**2, fast=True),
    "landweber": lambda g, a: restore.landweber(g, H),
    "van Cittert": lambda g, a: restore.van_cittert(g, H),
    "Tikhonov-Miller": lambda g, a: restore.tikhonov_miller(g, H, regularization=0.01),
    "counts": lambda g, a: restore.richardson_lucy(
        g, H, iterations=4, gain=0.01 * a, read_noise=0.02 * a, background=np.full(g.shape, 0.05 * a), damping=2
    ),
    "counts from a start": lambda g, a: restore.richardson_lucy(g, H, iterations=3, start=g + g.dtype.type(0.1 * a)),
    "extra noise": lambda g, a: restore.deconvolve(g, H, extra_noise_var=1e-3 * a**2).image,
    "blur": lambda g, a: restore.blur(g, H),
    "degrade": lambda g, a: restore.degrade(g, H, noise_sigma=0.1 * a, photons=50 / a, rng=0),
    "degrade by BSNR": lambda g, a: restore.degrade(g, H, bsnr=20, rng=0),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_doors_scale_with_the_arguments_that_have_units(door):
    expected = door(of(np.float32, 1), 1.0)
    for a in (SMALL, LARGE):
        assert_array_equal(door(of(np.float32, a), a), np.float32(a) * expected)


def test_a_callback_and_the_choice_are_in_the_unit_of_the_picture():
    images, a = [], LARGE
    restored = restore.richardson_lucy(
        of(np.float32, a), H, iterations=1, callback=lambda _, image: images.append(image)
    )
    assert_array_equal(images[-1], restored)
    for rule, degree in (("upre", 2), ("gcv", 2), ("whiteness", 0), ("l_curve", 0)):
        one, other = (restore.deconvolve(of(np.float32, s), H, method="cls", rule=rule).choice for s in (1, a))
        assert_array_equal(other.criterion, a**degree * one.criterion)
        assert other.feasible == tuple(a**2 * value for value in one.feasible)
        assert other.noise_var == (None if one.noise_var is None else a**2 * one.noise_var)
    wrong = restore.psf.gaussian(3.0)
    one, other = (restore.psf_sensitivity(of(np.float64, s), [H, wrong], method="wiener", mask=MASK) for s in (1, HUGE))
    assert [(t.misfit, t.residual) for t in other] == [(t.misfit, t.residual) for t in one]


STAR = np.full((25, 25), 0.1)
STAR[12, 12] = 20.0
STAR = restore.blur(STAR, H)
EDGE = restore.degrade(0.7 * np.clip(X - 14 - 0.15 * Y, 0, 1), restore.psf.disk(2.0), noise_sigma=0.01, rng=0)


def test_estimates_do_not_ask_for_the_unit():
    large = np.tile(SEEN, (2, 2))

    def estimates(dtype, a):
        seen, many = of(dtype, a), of(dtype, a, large)
        point = restore.psf_from_point(of(dtype, a, STAR), (0, 0, 25, 25), saturation=15 * a)
        edge = restore.psf_from_edge(of(dtype, a, EDGE), (0, 0, 30, 32))
        spectral = restore.estimate_psf(many, family="gaussian", quantization=1e-3 * a)
        with_units = [restore.estimate_noise(seen), *restore.estimate_poisson_gauss(seen, mask=MASK)]
        with_units += [*restore.estimate_noise(of(dtype, a, COLOUR), channel_axis=0)]
        without = [point.residual, point.noise, *point.parameters.values(), edge.noise, *edge.parameters.values()]
        without += [*spectral.parameters.values(), restore.signal_to_noise(seen, 0.1 * a)]
        without += [*restore.anscombe(seen, gain=0.01 * a, read_noise=0.02 * a)[0]]
        kernels = [restore.estimate_kernel(many, size=5).psf, restore.psf.measured(of(dtype, a, STAR))]
        return np.array(with_units) / a, np.concatenate([without, *map(np.ravel, kernels)])

    for dtype, a in ((np.float32, SMALL), (np.float64, HUGE)):
        for found, expected in zip(estimates(dtype, a), estimates(dtype, 1.0), strict=True):
            assert_allclose(found, expected, rtol=1e-6, atol=1e-9)
    one, other = (restore.estimate_noise_spectrum(of(np.float32, a), H) for a in (1, SMALL))
    assert_array_equal(other, SMALL**2 * one)


@pytest.mark.parametrize("a", [TINY, HUGE])
def test_measures_do_not_ask_for_the_unit(a):
    sharp, seen = of(np.float64, a, SHARP), of(np.float64, a)
    assert restore.psnr(sharp, seen) == pytest.approx(restore.psnr(SHARP, SEEN))
    assert restore.psnr(sharp, seen, data_range=a) == pytest.approx(restore.psnr(SHARP, SEEN, data_range=1))
    assert restore.ssim(sharp, seen) == pytest.approx(restore.ssim(SHARP, SEEN))
    assert restore.isnr(sharp, seen, sharp + 0.5 * (seen - sharp)) == pytest.approx(20 * np.log10(2))
    assert np.isfinite([restore.psnr(SHARP, seen), restore.ssim(SHARP, seen)]).all()


def test_units_that_are_no_power_of_two():
    for method in ("wiener", "total_variation"):
        one = restore.deconvolve(of(np.float32, 1), H, method=method).image
        for a in (1e-30, 255, 1e30):
            found = restore.deconvolve(of(np.float32, a), H, method=method).image.astype(float) / a
            assert_allclose(found, one, rtol=0, atol=2e-3)


@pytest.mark.parametrize("method", ["auto", *QUICK])
@pytest.mark.filterwarnings("ignore::restore.StrengthWarning")
def test_a_picture_without_contrast_stays_as_it_is(method):
    """Whatever is counted as noise, as of a JPEG."""
    for level, keywords in ((0, {}), (0, {"extra_noise_var": 1e-4}), (0.4, {"extra_noise_var": 1e-4, "mask": MASK})):
        flat = np.full(MASK.shape, level, np.float32)
        found = restore.deconvolve(flat, restore.psf.box(3), method=method, **keywords)
        assert_allclose(found.image, level, rtol=0, atol=3e-4 * level)


def test_the_other_order_of_bytes_is_the_same_picture():
    for dtype in (np.float32, np.float64):
        native = SEEN.astype(dtype)
        swapped = native.astype(native.dtype.newbyteorder())
        found = restore.deconvolve(swapped, H, mask=MASK)
        assert found.image.dtype == dtype
        assert_array_equal(found.image, restore.deconvolve(native, H, mask=MASK).image)
        assert restore.estimate_noise(swapped) == restore.estimate_noise(native)


def test_what_lies_under_a_mask_has_no_say_in_the_unit():
    hidden = np.where(MASK, np.float32(3e38), of(np.float32, SMALL))
    expected = restore.wiener(of(np.float32, SMALL), H, mask=MASK)
    assert_array_equal(restore.wiener(hidden, H, mask=MASK), expected)


def test_a_result_beyond_its_type_is_refused():
    top = np.float32(3e38) * np.sign(np.sin(X * Y + 1)).astype(np.float32)
    with pytest.raises(ValueError, match="image must be in a unit in which float32 holds the result"):
        restore.van_cittert(top, H)
    with pytest.raises(ValueError, match="float64 holds the result"):
        restore.estimate_noise_spectrum(of(np.float64, TINY), H)
    assert np.isfinite(restore.blur(top, H)).all()


@pytest.mark.parametrize("method", QUICK)
@pytest.mark.filterwarnings("ignore::restore.StrengthWarning")
def test_samples_of_any_size_side_by_side(method):
    """One is so bright that the type holds nothing of the others."""
    for dtype, boundary in ((np.float32, "reflect"), (np.float64, "unknown")):
        bright = SEEN.astype(dtype)
        bright[5, 6] = 1e30
        assert np.isfinite(restore.deconvolve(bright, H, method=method, boundary=boundary).image).all()


@pytest.mark.parametrize("rule", ["gcv", "whiteness", "l_curve"])
def test_rules_have_nothing_to_say_of_a_flat_picture(rule):
    for shape in ((5, 7), (1, 1)):
        flat = np.ones(shape)
        assert_allclose(restore.constrained_least_squares(flat, np.ones((1, 1)), rule=rule), flat, atol=1e-6)
