"""Richardson and Lucy's iteration: its laws, a dense oracle, a peer, its variants, and when it stops."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage, signal
from skimage import restoration

from restore import blur, degrade, psf, richardson_lucy
from restore.methods.counts.richardson_lucy import RichardsonLucySettings, solve
from restore.observation.observation import observe
from restore.parameter_choice.held_out import LeastError

PLAIN = {"acceleration": False, "boundary": "periodic"}


def divergence(estimate, observed, kernel, weights=1.0, background=0.0, shift=0.0):
    """The negative log-likelihood of periodic data, up to what does not hang on the estimate."""
    mean = blur(estimate, kernel, boundary="periodic") + background + shift
    counts = np.maximum(observed + shift, 0)
    return np.sum(weights * (mean - counts * np.log(mean)))


@pytest.fixture
def beads():
    """A few bright points over a dim floor, blurred without symmetry, 300 photons in the brightest sample."""
    rng = np.random.default_rng(7)
    scene = np.full((40, 36), 0.05)
    scene[rng.integers(0, 40, 12), rng.integers(0, 36, 12)] += rng.uniform(2, 10, 12)
    kernel = np.outer([0.12, 0.31, 0.38, 0.19], [0.05, 0.25, 0.4, 0.19, 0.11])
    return scene, kernel, degrade(scene, kernel, photons=300, rng=8, boundary="periodic")


class TestLaws:
    @pytest.mark.parametrize("acceleration", [False, True])
    @pytest.mark.parametrize("iterations", [1, 2, 9])
    def test_the_sum_of_the_light_is_kept(self, scene, acceleration, iterations):
        found = richardson_lucy(
            scene.image, scene.psf, iterations=iterations, acceleration=acceleration, boundary="periodic"
        )
        assert found.sum() == pytest.approx(scene.image.sum(), rel=1e-12)

    @pytest.mark.parametrize("acceleration", [False, True])
    def test_what_explains_the_data_stays(self, scene, acceleration):
        observed = blur(scene.image, scene.psf, boundary="periodic") + 0.3
        found = richardson_lucy(
            observed,
            scene.psf,
            iterations=5,
            start=scene.image,
            background=0.3,
            gain=0.01,
            read_noise=0.05,
            acceleration=acceleration,
            boundary="periodic",
        )
        assert_allclose(found, scene.image, rtol=1e-9)

    def test_noise_free_data_are_explained_in_the_end(self, scene):
        observed = blur(scene.image, scene.psf, boundary="periodic")
        found = richardson_lucy(observed, scene.psf, iterations=400, boundary="periodic")
        assert_allclose(blur(found, scene.psf, boundary="periodic"), observed, atol=2e-5)
        assert found.min() >= 0

    @pytest.mark.parametrize("boundary", ["unknown", "periodic", "reflect"])
    def test_a_unit_does_not_matter(self, beads, boundary):
        _, h, observed = beads
        options = {"damping": 2.0, "tv_weight": 0.01, "boundary": boundary, "iterations": 8}
        plain = richardson_lucy(observed, h, gain=1 / 300, read_noise=0.02, background=0.03, **options)
        large = richardson_lucy(1e4 * observed, h, gain=1e4 / 300, read_noise=200, background=300, **options)
        assert_allclose(large, 1e4 * plain, rtol=1e-8)

    @pytest.mark.parametrize("boundary", ["unknown", "periodic"])
    def test_estimates_are_positive(self, beads, boundary):
        _, h, observed = beads
        assert richardson_lucy(observed - 0.04, h, boundary=boundary).min() >= 0

    @pytest.mark.parametrize("shape", [(3, 3), (3, 7), (4, 2)], ids=["square", "non-square", "even-sized"])
    def test_every_step_makes_the_data_likelier(self, shape, oracle):
        h, rng = oracle.asymmetric(shape), np.random.default_rng(5)
        observed = degrade(3 * rng.random((20, 23)), h, photons=9, noise_sigma=0.3, rng=1, boundary="periodic")
        weights, background, shift = rng.random(observed.shape), 0.2 + rng.random(observed.shape), 0.3**2 * 9
        steps = []
        richardson_lucy(
            observed,
            h,
            iterations=40,
            weights=weights,
            background=background,
            gain=1 / 9,
            read_noise=0.3,
            callback=lambda _, f: steps.append(divergence(f, observed, h, weights, background, shift)),
            **PLAIN,
        )
        assert np.all(np.diff(steps) < 0)

    def test_acceleration_gets_there_sooner(self, beads):
        _, h, observed = beads
        slow = divergence(richardson_lucy(observed, h, iterations=100, **PLAIN), observed, h)
        fast = divergence(richardson_lucy(observed, h, iterations=40, boundary="periodic"), observed, h)
        assert fast < slow

    def test_going_on_is_running_on(self, beads):
        _, h, observed = beads
        half = richardson_lucy(observed, h, iterations=6, **PLAIN)
        whole = richardson_lucy(observed, h, iterations=13, **PLAIN)
        assert_allclose(richardson_lucy(observed, h, iterations=7, start=half, **PLAIN), whole, rtol=1e-10)

    def test_going_on_in_a_frame_is_nearly_running_on(self, beads):
        _, h, observed = beads
        half = richardson_lucy(observed, h, iterations=10, acceleration=False)
        whole = richardson_lucy(observed, h, iterations=20, acceleration=False)
        on = richardson_lucy(observed, h, iterations=10, start=half, acceleration=False)
        assert np.linalg.norm(on - whole) < 0.2 * np.linalg.norm(half - whole)

    @pytest.mark.parametrize("boundary", ["unknown", "periodic"])
    def test_equal_weights_and_an_empty_mask_change_nothing(self, beads, boundary):
        _, h, observed = beads
        plain = richardson_lucy(observed, h, iterations=7, boundary=boundary)
        for extra in ({"weights": np.full(observed.shape, 4.0)}, {"mask": np.zeros(observed.shape, bool)}):
            assert_allclose(richardson_lucy(observed, h, iterations=7, boundary=boundary, **extra), plain, rtol=1e-9)

    @pytest.mark.parametrize("boundary", ["unknown", "periodic"])
    def test_no_weight_is_a_mask(self, beads, boundary):
        _, h, observed = beads
        hidden = np.random.default_rng(2).random(observed.shape) < 0.1
        masked = richardson_lucy(np.where(hidden, np.nan, observed), h, mask=hidden, boundary=boundary)
        weighed = richardson_lucy(np.where(hidden, 99, observed), h, weights=(~hidden).astype(float), boundary=boundary)
        assert_allclose(weighed, masked, rtol=1e-9)

    def test_a_flat_picture_stays_and_darkness_stays_dark(self):
        for level in (0.25, 0.0):
            flat = richardson_lucy(np.full((30, 28), level), psf.disk(2), iterations=20)
            assert_allclose(flat, level, rtol=1e-9, atol=1e-100)


class TestOracles:
    @pytest.mark.parametrize("boundary", ["unknown", "periodic", "zero"])
    def test_a_dense_matrix(self, boundary, oracle):
        h, rng = oracle.asymmetric((3, 4)), np.random.default_rng(0)
        observed, hidden = rng.random((9, 8)), rng.random((9, 8)) < 0.1
        seen = observe(observed, h, boundary)
        weights, data = np.full(seen.grid, float(boundary != "unknown")), np.zeros(seen.grid)
        weights[seen.frame] = ~hidden
        data[seen.frame] = np.where(hidden, 0, observed)
        matrix, w, d = oracle.convolution_matrix(h, seen.grid), weights.ravel(), data.ravel()
        level = np.sum(w * np.maximum(d - 0.1, 0)) / w.sum()
        estimate, norm = np.full(d.size, level), matrix.T @ w
        for _ in range(6):
            raised = estimate * (matrix.T @ (w * (d + 0.02) / (matrix @ estimate + 0.1 + 0.02)))
            estimate = np.divide(raised, norm, out=estimate, where=norm > 0.01 * norm.max())
        found = richardson_lucy(
            observed,
            h,
            iterations=6,
            gain=0.5,
            read_noise=0.1,
            background=0.1,
            acceleration=False,
            boundary=boundary,
            mask=hidden,
        )
        assert_allclose(found, estimate.reshape(seen.grid)[seen.frame], rtol=1e-9)

    @pytest.mark.parametrize(
        ("step", "shape"), [(2, (5, 5)), (3, (4, 7)), (2, (6, 3))], ids=["square", "non-square", "even-sized"]
    )
    def test_a_dense_matrix_of_a_finer_grid(self, step, shape, oracle):
        h, observed = oracle.asymmetric(shape), np.random.default_rng(1).random((7, 6))
        fine = (7 * step, 6 * step)
        mean = np.kron(np.eye(7), np.full(step, 1 / step)), np.kron(np.eye(6), np.full(step, 1 / step))
        matrix = np.kron(*mean) @ oracle.convolution_matrix(h, fine)
        estimate = np.full(matrix.shape[1], observed.mean())
        for _ in range(5):
            estimate *= (matrix.T @ (observed.ravel() / (matrix @ estimate))) / matrix.sum(axis=0)
        found = richardson_lucy(observed, h, iterations=5, subsampling=step, **PLAIN)
        assert_allclose(found, estimate.reshape(fine), rtol=1e-9)

    def test_scikit_image_far_from_a_dark_border(self, oracle):
        h, scene = oracle.asymmetric((5, 3)), np.zeros((48, 50))
        scene[18:30, 20:28] = 1 + np.random.default_rng(2).random((12, 8))
        observed = blur(scene, h, boundary="zero").clip(0)
        peer = restoration.richardson_lucy(observed, h, num_iter=12, clip=False)
        found = richardson_lucy(observed, h, iterations=12, **PLAIN)
        assert_allclose(found[14:34, 16:32], peer[14:34, 16:32], rtol=0, atol=1e-6)

    def test_an_observation_gives_the_same(self, beads):
        _, h, observed = beads
        found = solve(observe(observed, h, "unknown"), RichardsonLucySettings())
        assert_allclose(found.image, richardson_lucy(observed, h), rtol=1e-9)
        assert found.rule == "held-out"
        settings = RichardsonLucySettings(iterations=found.iterations)
        again = solve(observe(observed, h, "unknown"), settings)
        assert (again.iterations, again.rule) == (found.iterations, "given")


class TestBorder:
    @pytest.mark.parametrize("kernel", [psf.disk(4), psf.motion(15, 30)], ids=["disk", "motion"])
    def test_five_decibel_above_scikit_image_over_the_whole_frame(self, pictures, oracle, kernel):
        scene = pictures["camera"][100:300, 120:300]
        observed = np.maximum(degrade(scene, kernel, bsnr=35, rng=0, boundary="valid"), 0)
        sharp = scene[tuple(slice(k // 2, n - k // 2) for k, n in zip(kernel.shape, scene.shape, strict=True))]
        peer = restoration.richardson_lucy(observed, kernel, num_iter=20, clip=False)
        found = richardson_lucy(observed, kernel, iterations=20, acceleration=False)
        assert oracle.decibel(found - sharp) > oracle.decibel(peer - sharp) + 5

    def test_a_dead_row_is_bridged(self, pictures, oracle):
        scene, h = pictures["camera"][100:220, 120:240], psf.gaussian(1.5)
        observed = degrade(scene, h, bsnr=35, rng=0)
        dead = np.zeros(observed.shape, bool)
        dead[60] = True
        whole = oracle.decibel(richardson_lucy(observed, h, iterations=15) - scene)
        bridged = oracle.decibel(richardson_lucy(np.where(dead, 0, observed), h, iterations=15, mask=dead) - scene)
        assert bridged > whole - 0.3


class TestVariants:
    def test_damping_leaves_noise_alone_and_follows_stars(self):
        sky = np.full((60, 60), 0.5)
        sky[30, 30] = 60
        observed = degrade(sky, psf.gaussian(1.5), photons=100, rng=3, boundary="periodic")
        options = {"gain": 0.01, "iterations": 40, "boundary": "periodic"}
        plain, damped = (richardson_lucy(observed, psf.gaussian(1.5), damping=t, **options) for t in (0.0, 3.0))
        assert damped[:20].std() < 0.2 * plain[:20].std()
        assert damped[30, 30] > 0.5 * plain[30, 30]
        assert_allclose(damped[28:33, 28:33].sum(), plain[28:33, 28:33].sum(), rtol=0.1)

    def test_damping_estimates_its_noise(self):
        rng = np.random.default_rng(4)
        observed = 0.5 + rng.normal(0, 0.02, (64, 64))
        damped = richardson_lucy(observed, psf.gaussian(1.5), damping=3, iterations=40, acceleration=False)
        plain = richardson_lucy(observed, psf.gaussian(1.5), iterations=40, acceleration=False)
        assert damped.std() < 0.3 * plain.std()

    def test_a_charge_for_variation_flattens(self, beads):
        _, h, observed = beads
        rough = [
            np.abs(np.diff(richardson_lucy(observed, h, iterations=30, tv_weight=t, **PLAIN), axis=0)).sum()
            for t in (0.0, 0.003, 0.01, 0.03)
        ]
        assert rough == sorted(rough, reverse=True)

    def test_a_charge_for_variation_lowers_the_charged_cost(self):
        scene = np.full((40, 40), 0.2)
        scene[12:28, 10:30] = 1
        h, charge = psf.gaussian(1.5), 0.005
        observed = degrade(scene, h, photons=200, rng=5, boundary="periodic")

        def cost(picture):
            slopes = [np.roll(picture, -1, axis) - picture for axis in (0, 1)]
            return divergence(picture, observed, h) + charge * np.hypot(*slopes).sum()

        charged = richardson_lucy(observed, h, iterations=150, tv_weight=charge, **PLAIN)
        assert cost(charged) < cost(scene)
        for other in (richardson_lucy(observed, h, iterations=k, **PLAIN) for k in (5, 20, 80)):
            assert cost(charged) < cost(other)
        assert np.mean((charged - scene) ** 2) < 0.8 * np.mean((richardson_lucy(observed, h, **PLAIN) - scene) ** 2)

    def test_background_is_not_sharpened(self, beads):
        scene, h, observed = beads
        found = richardson_lucy(observed + 2, h, iterations=20, background=2, boundary="periodic")
        assert found.sum() == pytest.approx(scene.sum(), rel=0.1)

    def test_more_read_noise_is_followed_less(self, beads):
        _, h, observed = beads
        rough = [
            richardson_lucy(observed, h, iterations=15, gain=1 / 300, read_noise=r, boundary="periodic").std()
            for r in (0.0, 0.05, 0.2)
        ]
        assert rough == sorted(rough, reverse=True)

    @pytest.mark.parametrize("boundary", ["unknown", "periodic"])
    def test_a_finer_grid_parts_two_points(self, boundary):
        fine = np.full((60, 60), 1e-3)
        fine[30, [28, 33]] = 1
        h = psf.gaussian(2.5)
        observed = blur(fine, h, boundary="periodic").reshape(20, 3, 20, 3).mean(axis=(1, 3))
        found = richardson_lucy(observed, h, iterations=300, subsampling=3, boundary=boundary)
        assert found.shape == fine.shape
        row = found[30]
        assert min(row[28], row[33]) > 2 * row[30]
        assert np.all(np.abs(np.argsort(row)[-2:] - [28, 33]) <= 1) or np.all(
            np.abs(np.argsort(row)[-2:] - [33, 28]) <= 1
        )

    def test_channels_are_restored_apart(self, beads):
        _, h, observed = beads
        colour = np.stack([observed, 2 * observed[::-1], observed.T[:36, :36].repeat(2, 0)[:40]])
        found = richardson_lucy(colour, h, iterations=6, acceleration=False, channel_axis=0)
        for plane, apart in zip(colour, found, strict=True):
            assert_allclose(apart, richardson_lucy(plane, h, iterations=6, acceleration=False), rtol=1e-9)


class TestStopping:
    @pytest.mark.parametrize("noise", [{"bsnr": 20}, {"bsnr": 35}, {"photons": 100}], ids=["20 dB", "35 dB", "photons"])
    @pytest.mark.parametrize("kernel", [psf.disk(3), psf.motion(11, 60)], ids=["disk", "motion"])
    def test_near_the_best_iteration(self, pictures, oracle, kernel, noise):
        scene = pictures["coins"][40:210, 60:240]
        observed = degrade(scene, kernel, rng=1, boundary="valid", **noise)
        sharp = scene[tuple(slice(k // 2, n - k // 2) for k, n in zip(kernel.shape, scene.shape, strict=True))]
        quality = []
        richardson_lucy(
            observed, kernel, iterations=60, callback=lambda _, f: quality.append(oracle.decibel(f - sharp))
        )
        assert oracle.decibel(richardson_lucy(observed, kernel) - sharp) > max(quality) - 0.3

    def test_points_want_more_than_photographs(self, beads):
        _, h, observed = beads
        points = solve(observe(observed, h, "unknown"), RichardsonLucySettings()).iterations
        smooth = degrade(np.ones((40, 36)), h, photons=300, rng=0, boundary="periodic")
        assert points > 3 * solve(observe(smooth, h, "unknown"), RichardsonLucySettings()).iterations

    def test_the_result_is_that_of_so_many_iterations(self, beads):
        _, h, observed = beads
        found = solve(observe(observed, h, "unknown"), RichardsonLucySettings())
        settings = RichardsonLucySettings(iterations=found.iterations)
        assert_array_equal(found.image, solve(observe(observed, h, "unknown"), settings).image)

    def test_patience_grows_with_the_count(self):
        least = LeastError()
        for count in range(1, 41):
            assert least.improves(count, 1 / count)
        assert not least.improves(56, 1)
        assert not least.settled
        assert not least.improves(57, np.nan)
        assert least.settled
        assert least.count == 40

    def test_a_callback_sees_every_step_and_may_end_it(self, beads):
        _, h, observed = beads
        seen = {}

        def watch(count, estimate):
            seen[count] = estimate
            if count == 4:
                raise StopIteration

        found = richardson_lucy(observed, h, iterations=9, callback=watch)
        assert list(seen) == [1, 2, 3, 4]
        assert_array_equal(found, seen[4])
        assert_array_equal(found, richardson_lucy(observed, h, iterations=4))
        richardson_lucy(observed, h, callback=watch)

    def test_other_exceptions_pass(self, beads):
        def interrupt(count, estimate):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            richardson_lucy(beads[2], beads[1], callback=interrupt)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_inputs_are_kept(beads, dtype):
    _, h, observed = beads
    picture, start = observed.astype(dtype), np.ones(observed.shape, dtype)
    before = picture.copy()
    for array in (picture, start):
        array.setflags(write=False)
    options = {"weights": start, "background": 0.01 * start, "gain": 1 / 300, "read_noise": 0.01, "damping": 1.0}
    found = richardson_lucy(picture, h, iterations=3, start=start, tv_weight=0.01, **options)
    assert found.dtype == richardson_lucy(picture, h).dtype == dtype
    assert found.flags.writeable
    assert_array_equal(picture, before)


def test_float32_follows_float64(beads):
    _, h, observed = beads
    options = {"iterations": 10, "damping": 1.0, "tv_weight": 0.01}
    single = richardson_lucy(observed.astype(np.float32), h, **options)
    assert_allclose(single, richardson_lucy(observed, h, **options), rtol=0, atol=2e-3)


@pytest.mark.parametrize("shape", [(50,), (10, 11, 12)], ids=["1-D", "3-D"])
def test_any_number_of_axes(shape, oracle):
    h = oracle.asymmetric((3, 4, 2)[: len(shape)])
    observed = blur(np.random.default_rng(0).random(shape), h)
    found = richardson_lucy(observed, h)
    assert found.shape == shape
    half = richardson_lucy(observed, h, iterations=2, subsampling=2)
    assert half.shape == tuple(2 * n for n in shape)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"iterations": 0}, ValueError, "iterations must be >= 1, got 0"),
        ({"iterations": 2.5}, TypeError, "iterations must be an integer, got 2.5"),
        ({"subsampling": 0}, ValueError, "subsampling must be >= 1"),
        ({"gain": 0}, ValueError, "gain must be finite and > 0, got 0"),
        ({"read_noise": 0.1}, ValueError, "gain must be given with read_noise, got read_noise 0.1 alone"),
        ({"damping": -1}, ValueError, "damping must be finite and >= 0"),
        ({"tv_weight": np.inf}, ValueError, "tv_weight must be finite and >= 0"),
        ({"background": -0.1}, ValueError, "background must be >= 0, got -0.1"),
        ({"weights": -np.ones((12, 12))}, ValueError, "weights must be >= 0, got -1"),
        ({"weights": np.zeros((12, 12))}, ValueError, "weights must be > 0 somewhere"),
        ({"weights": np.ones((3, 12))}, ValueError, r"weights must have the shape of the image, \(12, 12\)"),
        ({"start": np.ones((12, 12))}, ValueError, "iterations must be given with start"),
        ({"start": np.ones((12, 12)), "iterations": 1, "subsampling": 2}, ValueError, r"start .* \(24, 24\)"),
        ({"boundary": "black"}, ValueError, "boundary must be one of"),
    ],
    ids=str,
)
def test_refusals(arguments, error, message):
    with pytest.raises(error, match=message):
        richardson_lucy(np.ones((12, 12)), psf.gaussian(0.5), **arguments)


def test_a_negative_psf_is_refused():
    with pytest.raises(ValueError, match=r"psf must be >= 0 where light is counted, got -0\.2"):
        richardson_lucy(np.ones((12, 12)), np.array([[-0.2, 1.4, -0.2]]))


@pytest.mark.parametrize("shape", [(1,), (2,), (3, 1), (2, 2)], ids=str)
def test_a_handful_of_samples(shape):
    picture = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    assert_allclose(richardson_lucy(picture, np.ones((1,) * len(shape))), picture, rtol=1e-9)


def test_a_channel_without_weight_is_dark(pictures):
    colour = np.stack([pictures["camera"][:30, :30]] * 2, axis=-1)
    found = richardson_lucy(colour, psf.gaussian(1), weights=np.ones(colour.shape) * [1, 0], channel_axis=-1)
    assert_allclose(found[..., 1], 0, atol=1e-100)
    assert found[..., 0].mean() == pytest.approx(colour.mean(), rel=0.01)


def test_a_psf_of_one_sample_gives_the_data(pictures):
    picture = pictures["camera"][:40, :44]
    assert_allclose(richardson_lucy(picture, np.ones((1, 1))), picture, rtol=1e-9)
    assert_allclose(richardson_lucy(signal.medfilt(picture - 0.5), np.ones((1, 1)), iterations=3).min(), 0, atol=1e-12)


@pytest.mark.parametrize("h", [psf.motion(15, 30), psf.disk(3)], ids=["motion", "disk"])
def test_a_mask_does_not_end_the_run_too_early(pictures, h):
    scene = pictures["camera"][90:218, 130:258]
    observed = degrade(scene, h, noise_sigma=0.01, rng=0)
    rows, columns = np.indices(scene.shape)
    for mask in (columns >= 64, (abs(rows - 64) < 14) & (abs(columns - 64) < 22)):
        whole, part = (richardson_lucy(observed, h, mask=m) for m in (None, mask))
        far = ndimage.binary_erosion(~mask, iterations=10, border_value=1)
        errors = [np.sqrt(np.mean((image - scene)[far] ** 2)) for image in (whole, part)]
        assert errors[1] < 1.06 * errors[0]
