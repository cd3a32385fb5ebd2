"""Total variation: closed forms, a slow primal-dual oracle, laws of range, masks and colour, and its own strength."""

import numpy as np
import pytest
from scipy import signal
from skimage.restoration import denoise_tv_chambolle

import restore
from restore.methods.differences.total_variation import TotalVariationSettings, solve
from restore.observation.observation import observe

CONVERGED = {"tolerance": 1e-8, "max_iterations": 3000}
DELTA = np.ones((1, 1))


def box(size, start, stop):
    profile = np.zeros(size)
    profile[start:stop] = 1
    return profile


def lowered(size, start, stop, strength):
    """The minimiser for a box on a circle: its two ends cost 2 strength, shared by the samples inside and outside."""
    inside = box(size, start, stop)
    width = stop - start
    return inside * (1 - 2 * strength / width) + (1 - inside) * 2 * strength / (size - width)


def primal_dual(matrix, data, known, shape, strength, isotropic, steps=4000):
    """Chambolle and Pock with the proximal step of the data written out as a dense inverse."""

    def slopes(f):
        return np.stack([np.roll(f, -1, a) - f for a in range(f.ndim)])

    def adjoint(p):
        return sum(np.roll(q, 1, a) - q for a, q in enumerate(p))

    step = 1 / np.sqrt(4 * len(shape))
    gram = matrix.T @ (known.ravel()[:, None] * matrix)
    nearest = np.linalg.inv(np.eye(gram.shape[0]) + step * gram)
    pulled = step * (matrix.T @ (known * data).ravel())
    f = ahead = data.copy()
    p = np.zeros((len(shape), *shape))
    for _ in range(steps):
        p = p + step * slopes(ahead)
        length = np.sqrt((p**2).sum(axis=0)) if isotropic else np.abs(p)
        p = p / np.maximum(length / strength, 1)
        new = (nearest @ ((f - step * adjoint(p)).ravel() + pulled)).reshape(shape)
        f, ahead = new, 2 * new - f
    return f


def cropped(sharp, h, sigma, seed=0):
    """What a camera sees of a larger scene, and the truth of it."""
    observed = signal.convolve(sharp, h, mode="valid")
    observed = observed + np.random.default_rng(seed).normal(0, sigma, observed.shape)
    return observed, sharp[tuple(slice(k - 1 - k // 2, n - k // 2) for k, n in zip(h.shape, sharp.shape, strict=True))]


@pytest.mark.parametrize("isotropic", [True, False], ids=["isotropic", "anisotropic"])
def test_a_box_on_a_line_is_lowered_by_its_ends(isotropic):
    found = restore.total_variation(
        box(30, 8, 18), np.ones(1), strength=0.7, isotropic=isotropic, boundary="periodic", **CONVERGED
    )
    np.testing.assert_allclose(found, lowered(30, 8, 18, 0.7), atol=1e-6)


def test_the_anisotropic_minimum_of_a_sum_of_profiles_is_their_sum():
    rows, columns = box(18, 4, 10), box(20, 5, 13)
    picture = rows[:, None] + 2 * columns
    found = restore.total_variation(picture, DELTA, strength=0.5, isotropic=False, boundary="periodic", **CONVERGED)
    expected = lowered(18, 4, 10, 0.5)[:, None] + 2 * lowered(20, 5, 13, 0.25)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    isotropic = restore.total_variation(picture, DELTA, strength=0.5, boundary="periodic", **CONVERGED)
    assert np.abs(isotropic - expected).max() > 0.01


@pytest.mark.parametrize(
    ("isotropic", "masked"), [(True, True), (False, False)], ids=["isotropic-masked", "anisotropic-whole"]
)
def test_it_finds_the_minimum_of_a_primal_dual_oracle(scene, oracle, isotropic, masked):
    known = np.ones(scene.shape)
    if masked:
        known.flat[3::7] = 0
    matrix = oracle.convolution_matrix(scene.psf, scene.shape)
    data = (matrix @ scene.image.ravel()).reshape(scene.shape)
    expected = primal_dual(matrix, data, known, scene.shape, 0.02, isotropic)
    mask = known == 0 if masked else None
    found = restore.total_variation(
        data, scene.psf, strength=0.02, isotropic=isotropic, boundary="periodic", mask=mask, **CONVERGED
    )

    def cost(f):
        slopes = np.stack([np.roll(f, -1, a) - f for a in range(f.ndim)])
        lengths = np.sqrt((slopes**2).sum(axis=0)) if isotropic else np.abs(slopes)
        return 0.5 * np.sum(known * ((matrix @ f.ravel()).reshape(f.shape) - data) ** 2) + 0.02 * lengths.sum()

    assert cost(found) <= cost(expected) * (1 + 1e-6)
    np.testing.assert_allclose(found, expected, atol=3e-3)  # near the minimum the cost is flat in places


def test_without_blur_it_is_the_denoising_of_scikit_image():
    picture = np.zeros((28, 32))
    picture[2:26, 2:30] = np.random.default_rng(0).normal(0.5, 0.2, (24, 28))  # the rim is flat: no border matters
    expected = denoise_tv_chambolle(picture, weight=0.15, eps=1e-9, max_num_iter=3000)
    found = restore.total_variation(picture, DELTA, strength=0.15, boundary="periodic", **CONVERGED)
    np.testing.assert_allclose(found, expected, atol=5e-3)  # where flat, projections are slow
    assert np.mean(np.abs(found - expected)) < 1e-3


def test_without_strength_it_is_the_inverse_filter(scene):
    blurred = restore.blur(scene.image, scene.psf, boundary="periodic")
    found = restore.total_variation(blurred, scene.psf, strength=0, boundary="periodic")
    np.testing.assert_allclose(found, scene.image, atol=1e-7)


@pytest.mark.parametrize(("strength", "most"), [(0.0, 10), (1e-16, 120), (1e-7, 120)])
def test_a_tiny_strength_is_eased_into_and_reached(pictures, strength, most):
    sharp, h = pictures["moon"][100:228, 100:228], restore.psf.motion(9, 25)
    observed = restore.blur(sharp, h, boundary="valid")
    short = solve(observe(observed, h, "unknown"), TotalVariationSettings(strength=strength))
    assert short.iterations <= most
    long = solve(observe(observed, h, "unknown"), TotalVariationSettings(strength=strength, tolerance=1e-5))
    assert np.std(short.image - long.image) < 0.02 * np.std(long.image)


@pytest.mark.parametrize("strength", [None, 0.0, 1e-3])
def test_a_flat_picture_stays(strength):
    found = restore.total_variation(np.full((30, 28), 0.25), restore.psf.disk(2), strength=strength)
    np.testing.assert_allclose(found, 0.25, atol=1e-9)


@pytest.mark.parametrize("strength", [None, 5e-3], ids=["automatic", "given"])
@pytest.mark.parametrize("boundary", ["unknown", "periodic"])
def test_it_follows_range_and_offset(pictures, boundary, strength):
    h = restore.psf.motion(7, 30)
    observed, _ = cropped(pictures["camera"][100:190, 120:200], h, 0.01)
    plain = restore.total_variation(observed, h, strength=strength, boundary=boundary)
    scaled = restore.total_variation(255 * observed + 40, h, strength=strength and 255 * strength, boundary=boundary)
    np.testing.assert_allclose(scaled, 255 * plain + 40, atol=0.02)


@pytest.mark.parametrize("strength", [None, 5e-3], ids=["automatic", "given"])
@pytest.mark.parametrize("isotropic", [True, False], ids=["isotropic", "anisotropic"])
def test_three_equal_channels_are_one_gray_picture(pictures, isotropic, strength):
    h = restore.psf.disk(2)
    observed, _ = cropped(pictures["coins"][60:140, 80:150], h, 0.02)
    gray = restore.total_variation(observed, h, strength=strength, isotropic=isotropic)
    colour = np.stack([observed] * 3)
    found = restore.total_variation(colour, h, strength=strength, isotropic=isotropic, channel_axis=0)
    np.testing.assert_allclose(found, np.stack([gray] * 3), atol=1e-9)


def test_channels_share_their_edges():
    """A bar too faint to be worth its ends stays where another channel has it too."""
    bar = np.repeat(box(30, 12, 15)[None], 20, axis=0)
    channels = np.stack([bar, 0.1 * bar], axis=-1)
    options = {"strength": 0.2, "boundary": "periodic", **CONVERGED}
    alone = restore.total_variation(0.1 * bar, DELTA, **options)
    np.testing.assert_allclose(alone, 0.01, atol=1e-6)
    together = restore.total_variation(channels, DELTA, channel_axis=-1, **options)[..., 1]
    assert together[:, 12:15].min() - together[:, :12].max() > 0.07


@pytest.mark.parametrize("channel_axis", [None, -1])
def test_masked_samples_do_not_matter(pictures, channel_axis):
    sharp, h = pictures["camera"][60:140, 160:240], restore.psf.gaussian(1.2)
    mask = np.zeros(sharp.shape, bool)
    mask[30:34, 20:60] = True
    observed = restore.blur(sharp, h)
    if channel_axis is not None:
        sharp, observed = np.stack([sharp, 1 - sharp], axis=-1), np.stack([observed, 1 - observed], axis=-1)
        mask = np.stack([mask, mask.T], axis=-1)
    options = {"strength": 1e-4, "mask": mask, "channel_axis": channel_axis}
    results = [restore.total_variation(np.where(mask, v, observed), h, **options) for v in (-9.0, 1.0)]
    np.testing.assert_array_equal(*results)
    inside = (slice(25, 39), slice(15, 65))
    assert np.mean((results[0] - sharp)[inside] ** 2) < 0.002


@pytest.mark.parametrize("shape", [(3, 3), (3, 7), (4, 2)], ids=["square", "non-square", "even-sized"])
def test_it_stays_in_place_under_an_asymmetric_psf(shape, oracle):
    h = oracle.asymmetric(shape)
    sharp = np.zeros((52, 48))
    sharp[15:35, 12:28] = 1
    observed, sharp = cropped(sharp, h, 0.01)
    found = restore.total_variation(observed, h)
    assert oracle.decibel(found - sharp) > oracle.decibel(restore.wiener(observed, h) - sharp) + 4
    assert oracle.decibel(found - sharp) > 38


def test_stronger_is_flatter(pictures):
    observed, h = pictures["moon"][200:260, 200:270], restore.psf.gaussian(1)
    total = [
        sum(np.abs(np.diff(restore.total_variation(observed, h, strength=s), axis=a)).sum() for a in (0, 1))
        for s in (1e-4, 1e-3, 1e-2, 0.1)
    ]
    assert total == sorted(total, reverse=True)


@pytest.mark.parametrize(
    ("sigma", "h", "isotropic", "masked"),
    [
        (0.02, restore.psf.disk(3), True, False),
        (0.02, restore.psf.disk(3), False, False),
        (0.002, restore.psf.motion(12, 20), True, False),
        (0.01, restore.psf.gaussian(1.2), True, True),
    ],
    ids=["noisy", "anisotropic", "hardly noisy", "half of it masked"],
)
def test_its_own_strength_is_near_the_best_one(pictures, oracle, sigma, h, isotropic, masked):
    observed, sharp = cropped(pictures["moon"][90:200, 120:230], h, sigma)
    mask = np.random.default_rng(1).random(observed.shape) < 0.5 if masked else None
    seen = observe(observed, h, "unknown", mask=mask)
    found = solve(seen, TotalVariationSettings(isotropic=isotropic))
    assert found.rule == "evidence"
    others = [
        solve(seen, TotalVariationSettings(strength=found.strength * factor, isotropic=isotropic)).image
        for factor in (0.25, 0.5, 0.71, 1.4, 2, 4)
    ]
    loss = max(oracle.decibel(image - sharp) for image in others) - oracle.decibel(found.image - sharp)
    assert loss < 0.4


def test_it_ends_where_the_border_is_found_under_a_long_motion(pictures):
    """What lies outside the frame reaches far inside there, and is found slowly."""
    h, (rows, columns) = restore.psf.motion(25, 110), (slice(100, 260), slice(150, 310))
    rim = [size // 2 for size in h.shape]
    around = tuple(slice(s.start - r, s.stop + r) for s, r in zip((rows, columns), rim, strict=True))
    observed = restore.degrade(pictures["camera"][around], h, noise_sigma=0.002, rng=0, boundary="valid")
    ended, converged = (
        np.mean((restore.total_variation(observed, h, **options) - pictures["camera"][rows, columns]) ** 2)
        for options in ({}, {"tolerance": 0.0, "max_iterations": 300})
    )
    assert ended < 10**0.07 * converged  # 0.7 dB; 2.2 where the border is predicted every third iteration


def test_it_says_how_far_it_is_and_what_it_did(pictures):
    observed, h = pictures["coins"][50:120, 60:120], restore.psf.gaussian(1.5)
    shares = []
    restore.total_variation(observed, h, callback=shares.append)
    assert shares == sorted(shares)
    assert shares[0] > 0
    assert shares[-1] == 1
    found = solve(observe(observed, h, "unknown"), TotalVariationSettings(strength=2e-3, max_iterations=3))
    assert (found.iterations, found.strength, found.rule) == (3, 2e-3, "given")


@pytest.mark.parametrize("channel_axis", [None, 0])
def test_dtype_and_input_are_kept(channel_axis):
    picture = np.random.default_rng(3).random((3, 30, 31)).astype(np.float32)
    picture = picture[0] if channel_axis is None else picture
    before = picture.copy()
    found = restore.total_variation(picture, restore.psf.disk(2), channel_axis=channel_axis)
    assert found.dtype == np.float32
    assert found.shape == picture.shape
    assert np.array_equal(picture, before)
    double = restore.total_variation(picture.astype(float), restore.psf.disk(2), channel_axis=channel_axis)
    np.testing.assert_allclose(found, double, atol=1e-2)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"strength": -1}, ValueError, "strength must be finite and >= 0, got -1"),
        ({"tolerance": np.nan}, ValueError, "tolerance must be finite and >= 0, got nan"),
        ({"max_iterations": 0}, ValueError, "max_iterations must be >= 1, got 0"),
        ({"max_iterations": 2.5}, TypeError, "max_iterations must be an integer, got 2.5"),
        ({"boundary": "torus"}, ValueError, "boundary must be one of"),
    ],
)
def test_impossible_arguments_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        restore.total_variation(np.zeros((9, 9)), restore.psf.disk(1), **options)
