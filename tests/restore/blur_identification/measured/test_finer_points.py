"""PSFs of points narrower than their samples, on a finer grid, against quadrature of what they were made of."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import restore
from restore.blur_identification.effective.core_fit import fit_core
from restore.blur_identification.effective.phases import coverage

NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
NOISE = 10.0


def moffat(fwhm, beta=3.0, stretch=1.0):
    """Light per area, its integral 1; longer along columns by `stretch` squared."""
    a = fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))
    return lambda y, x: (1 + (y**2 * stretch + x**2 / stretch) / a**2) ** -beta * (beta - 1) / np.pi / a**2


def in_boxes(light, rows, columns, edge=1.0):
    """The light that falls into boxes around places: the quadrature of Gauss, twelve by twelve in each."""
    y, x = ((places[:, None] + NODES / 2 * edge).ravel() for places in (rows, columns))
    fine = light(y[:, None], x).reshape(rows.size, 12, columns.size, 12)
    return np.einsum("iajb,a,b->ij", fine, WEIGHTS / 2 * edge, WEIGHTS / 2 * edge)


def field(light, count, snr, seed, phases=None):
    """Stars of about that peak over the noise, at any place between the samples unless `phases` says where."""
    rng, side = np.random.default_rng(seed), int(np.ceil(np.sqrt(count)))
    image = np.full((22 * side + 8,) * 2, 50.0)
    places = [22 * np.array(divmod(i, side)) + 15 + rng.uniform(-3, 3, 2) for i in range(count)]
    if phases is not None:
        places = [np.floor(place) + phases[i % len(phases)] for i, place in enumerate(places)]
    for y, x in places:
        rows, columns = (np.arange(max(int(p) - 14, 0), min(int(p) + 15, image.shape[0])) for p in (y, x))
        flux = NOISE * snr / in_boxes(light, np.zeros(1), np.zeros(1))[0, 0] * 2 ** -rng.uniform(0, 1)
        image[np.ix_(rows, columns)] += flux * in_boxes(light, rows - y, columns - x)
    return image + rng.normal(0, NOISE, image.shape), np.array(places)


def truth(light, shape, step):
    """What falls into the samples of the finer grid of a point in the middle of one."""
    rows, columns = ((np.arange(n) - n // 2) / step for n in shape)
    psf = in_boxes(light, rows, columns, 1 / step)
    return psf / psf.sum()


@pytest.mark.parametrize(
    ("light", "count", "snr", "width", "error"),
    [
        (moffat(1.0), 20, 80, 0.04, 0.006),
        (moffat(1.4, beta=2.5), 16, 100, 0.03, 0.005),
        (moffat(1.2, stretch=1.25), 20, 1000, 0.004, 0.001),
    ],
    ids=["faint", "wings", "oval"],
)
def test_stars_narrower_than_their_samples_have_their_psf_on_a_finer_grid(light, count, snr, width, error):
    image, _ = field(light, count, snr, seed=3)
    average = restore.psf_from_points(image, subsampling=2, least=count // 2)
    expected = truth(light, average.psf.shape, 2)
    assert (average.subsampling, average.family, average.parameters) == (2, "empirical", {})
    assert_allclose(average.fwhm, fit_core(expected, 0.0).fwhm, rtol=width)
    assert np.sqrt(np.mean((average.psf - expected) ** 2)) < error * expected.max()
    assert_allclose(average.psf.sum(), 1, rtol=1e-12)


def test_what_no_profile_has_is_in_the_table():
    """A second peak of light beside the first, at both sides, which no width and no wings make."""

    def light(y, x):
        return 0.7 * moffat(1.2)(y, x) + 0.15 * (moffat(1.2)(y, x - 1.9) + moffat(1.2)(y, x + 1.9))

    image, _ = field(light, 36, 500, seed=1)
    average = restore.psf_from_points(image, subsampling=2)
    expected = truth(light, average.psf.shape, 2)
    assert np.sqrt(np.mean((average.psf - expected) ** 2)) < 0.007 * expected.max()
    rows, columns = (
        slice(n // 2 + low, n // 2 + high) for n, low, high in zip(expected.shape, (-1, 3), (2, 6), strict=True)
    )
    assert_allclose(average.psf[rows, columns].sum(), expected[rows, columns].sum(), rtol=0.05)
    round_one = restore.psf_from_points(image, subsampling=2, family="moffat", size=expected.shape).psf
    assert np.sqrt(np.mean((round_one - expected) ** 2)) > 0.02 * expected.max()


@pytest.mark.parametrize(("family", "light"), [("moffat", moffat(1.1, beta=2.8)), ("gaussian", moffat(1.1, beta=1e4))])
def test_a_family_is_fitted_to_all_stars_with_its_errors(family, light):
    """Over six fields the deviations from the truth are those that the fit expects."""
    pulls = []
    for seed in range(6):
        image, _ = field(light, 9, 60, seed)
        average = restore.psf_from_points(image, family=family, subsampling=2)
        expected = {"fwhm": 2.2, "beta": 2.8} if family == "moffat" else {"sigma": np.hypot(2.2 / 2.3548, 12**-0.5)}
        assert average.family == family
        assert set(average.parameters) == set(average.uncertainty) == set(expected)
        pulls.append([(average.parameters[n] - v) / average.uncertainty[n] for n, v in expected.items()])
        drawn = getattr(restore.psf, family)(**average.parameters)
        assert_allclose(average.psf, drawn, rtol=0, atol=1e-15)
    assert np.abs(np.mean(pulls, axis=0)).max() < 1.2  # six draws: 0.41 each
    assert 0.3 < np.std(pulls, axis=0).max() < 2


def test_a_family_holds_on_the_samples_of_the_picture_and_of_wide_stars():
    light = moffat(3.0, beta=3.5)
    image, _ = field(light, 9, 300, seed=0)
    average = restore.psf_from_points(image, family="moffat", size=(15, 15))
    assert average.psf.shape == (15, 15)
    assert average.parameters["fwhm"] == pytest.approx(3.0, rel=0.005)
    assert average.parameters["beta"] == pytest.approx(3.5, rel=0.03)
    assert np.sqrt(np.mean((average.psf - truth(light, (15, 15), 1)) ** 2)) < 0.002 * average.psf.max()


def test_what_is_no_star_is_left_out():
    light = moffat(1.2)
    image, places = field(light, 25, 200, seed=5)
    image[26, 48] += 1500  # a cosmic ray
    wide = in_boxes(moffat(3.0), np.arange(-10.0, 11), np.arange(-10.0, 11)) * 20000
    y, x = np.rint(places[12]).astype(int)
    image[y - 10 : y + 11, x - 10 : x + 11] += wide  # a galaxy over a star
    average = restore.psf_from_points(image, subsampling=2)
    rejected = dict(average.rejected)
    assert rejected[(26, 48)] in ("narrower than the others", "unlike the others")
    assert any(np.hypot(p[0] - y, p[1] - x) < 3 for p in rejected)
    assert_allclose(average.fwhm, fit_core(truth(light, average.psf.shape, 2), 0.0).fwhm, rtol=0.02)


def test_beads_of_a_volume_have_a_finer_grid_too():
    """Gaussians narrower than a voxel, by their closed form."""
    from scipy.special import ndtr

    rng, sigma = np.random.default_rng(2), np.array([0.62, 0.5, 0.55])
    image = rng.normal(0, NOISE, (30, 44, 44))
    for corner in np.ndindex(2, 3, 3):
        place = np.array(corner) * 14 + 8 + rng.uniform(-1, 1, 3)
        parts = []
        for n, p, s in zip(image.shape, place, sigma, strict=True):
            edges = ndtr((np.arange(n + 1) - 0.5 - p) / s)
            parts.append(np.diff(edges))
        image += 20000 * np.einsum("i,j,k", *parts)
    average = restore.psf_from_points(image, subsampling=2, size=(11, 11, 11))
    assert average.psf.shape == (11, 11, 11)
    fine = [np.diff(ndtr((np.arange(12) - 5.5) / 2 / s)) for s in sigma]
    expected = np.einsum("i,j,k", *[f / f.sum() for f in fine])
    assert_allclose(average.fwhm, fit_core(expected, 0.0).fwhm, rtol=0.02)
    assert np.sqrt(np.mean((average.psf - expected) ** 2)) < 0.002 * expected.max()


@pytest.mark.parametrize("unit", [1.0, 1e-30, 1e30])
def test_any_unit_and_no_noise_will_do(unit):
    light, known = moffat(1.2), np.random.default_rng(4).uniform(-0.5, 0.5, (9, 2))
    image = np.zeros((64, 64))
    for corner, shift in zip(np.ndindex(3, 3), known, strict=True):
        y, x = 21 * np.array(corner) + 10 + shift
        image += 900 * in_boxes(light, np.arange(64) - y, np.arange(64) - x)
    average = restore.psf_from_points(unit * image, subsampling=2)
    expected = truth(light, average.psf.shape, 2)
    assert np.sqrt(np.mean((average.psf - expected) ** 2)) < 0.003 * expected.max()
    fit = restore.psf_from_points(unit * image, subsampling=2, family="moffat")
    assert fit.parameters["fwhm"] == pytest.approx(2.4, rel=0.002)


def test_the_phases_that_are_needed_are_asked_for():
    spread = np.stack(np.meshgrid(np.arange(4) / 4, np.arange(4) / 4), -1).reshape(-1, 2)
    assert coverage(spread, 2) == pytest.approx(1)
    assert coverage(spread, 4) == pytest.approx(1)
    assert coverage(spread[:3], 2) == pytest.approx(0, abs=1e-12)  # fewer than the aliases
    assert coverage(np.repeat(spread[[0, 1, 2]], 9, axis=0), 2) < 1e-12


@pytest.mark.parametrize(
    ("light", "phases", "words", "message"),
    [
        (
            moffat(1.2),
            [(0.0, 0.0), (0.1, 0.05)],
            {},
            "points at many fractions of a sample for a grid finer by 2, got 16",
        ),
        (moffat(0.5), None, {}, "wider than 1.5 samples of the grid finer by 2, got"),
        (moffat(0.9), None, {"subsampling": 1}, "take it on a finer grid, or ask for one by subsampling"),
        (moffat(1.2), None, {"least": 30}, "must show 30 or more good points, got 16"),
        (moffat(1.2), None, {"family": "disk"}, "family must be one of"),
        (moffat(1.2), None, {"family": "moffat", "bead": 0.3}, "bead must be 0 beside a family"),
        (moffat(1.2), None, {"subsampling": 0}, "subsampling must be >= 1"),
        (moffat(1.2), None, {"size": (8, 9)}, "size must be odd edges"),
    ],
)
def test_what_tells_no_finer_grid_is_refused(light, phases, words, message):
    image, _ = field(light, 16, 100, 0, phases)
    with pytest.raises(ValueError, match=message):
        restore.psf_from_points(image, **{"subsampling": 2} | words)


def test_a_family_of_a_volume_is_refused():
    with pytest.raises(ValueError, match="family must be 'empirical' for a volume"):
        restore.psf_from_points(np.zeros((9, 9, 9)), family="moffat")


def test_the_psf_of_stars_restores_them_on_the_finer_grid():
    """From stars to their PSF and back: flux and place."""
    image, places = field(moffat(1.3), 16, 300, seed=7)
    average = restore.psf_from_points(image, subsampling=2)
    restored = restore.richardson_lucy(image, average.psf, background=50.0, target=4.0, subsampling=2, iterations=60)
    rows, columns = ((indices + 0.5) / 2 - 0.5 for indices in np.indices(restored.shape))
    for y, x in places:
        near = np.hypot(rows - y, columns - x) < 7
        own = np.hypot(*(i - p for i, p in zip(np.indices(image.shape), (y, x), strict=True))) < 7
        flux = restored[near].sum() / 4
        assert flux == pytest.approx((image[own] - 50).sum(), rel=0.04)
        weights = restored * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 4)
        place = (weights * rows).sum() / weights.sum(), (weights * columns).sum() / weights.sum()
        assert np.hypot(place[0] - y, place[1] - x) < 0.05
