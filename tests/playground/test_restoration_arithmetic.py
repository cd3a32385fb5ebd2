"""The page's restoration computes what the packages compute, to rounding."""

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

import restore
import upsample


def scene(seed):
    """A picture with sides that are powers of two, a PSF of any size without symmetry, and a strength."""
    rng = np.random.default_rng(seed)
    shape = tuple(int(n) for n in 2 ** rng.integers(3, 7, 2))
    psf = rng.random(rng.integers(1, 8, 2))
    psf *= 0.4 / psf.sum()
    psf[tuple(n // 2 for n in psf.shape)] += 0.6
    return rng.random(shape), psf, float(10 ** rng.uniform(-8, 0))


SCENES = [scene(seed) for seed in range(20)]


def asked(page, expression, *arguments):
    """Evaluate `expression` of image, psf, weight, method for every scene; a grid comes back as its rows."""
    function = f"""(scenes, method) => scenes.map(([rows, kernel, weight]) => {{
        const [image, psf] = [rows, kernel].map(Grid.fromRows);
        return {expression};
    }})"""
    return page.call(function, [(i.tolist(), h.tolist(), k) for i, h, k in SCENES], *arguments)


RANDOM = np.random.default_rng(1)
PSFS = {
    "gaussian": [(s,) for s in (*RANDOM.uniform(0.2, 6, 20), 0.5, 0.85, 0.9, 2.0)],
    "disk": [(r,) for r in (*RANDOM.uniform(0.2, 10, 20), 0.5, 4.0)],
    "motion": [*map(tuple, RANDOM.uniform((0.2, -400), (30, 400), (20, 2))), (9, 0), (5, 90), (7, 45)],
}


@pytest.mark.parametrize(("family", "settings"), PSFS.items(), ids=PSFS)
def test_psfs_have_the_samples_of_the_package(arithmetic, family, settings):
    found = arithmetic.call(f"(all) => all.map((s) => Grid.toRows(Psf.{family}(...s)))", settings)
    for rows, setting in zip(found, settings, strict=True):
        expected = getattr(restore.psf, family)(*setting)
        assert np.shape(rows) == expected.shape, setting
        np.testing.assert_allclose(rows, expected, atol=1e-11)  # brentq stops at 2e-12


def test_the_fourier_transform_is_numpys(arithmetic):
    forward = "{ const { re, im } = Fourier.forward(image); return [Array.from(re), Array.from(im)]; }"
    found = asked(arithmetic, f"(() => {forward})()")
    for (image, _, _), (re, im) in zip(SCENES, found, strict=True):
        spectrum = np.fft.fft2(image).ravel()
        np.testing.assert_allclose(np.array(re) + 1j * np.array(im), spectrum, atol=1e-10)
    back = asked(arithmetic, "Grid.toRows(Fourier.inverse(Fourier.forward(image)))")
    for (image, _, _), rows in zip(SCENES, back, strict=True):
        np.testing.assert_allclose(rows, image, atol=1e-13)


def test_the_transfer_function_is_the_packages(arithmetic):
    otf = "(() => { const { re, im } = Restoration.transferFunction(psf, image.rows, image.cols);"
    found = asked(arithmetic, f"{otf} return [Array.from(re), Array.from(im)]; }})()")
    for (image, psf, _), (re, im) in zip(SCENES, found, strict=True):
        full = (np.array(re) + 1j * np.array(im)).reshape(image.shape)
        half = restore.psf_to_otf(psf, image.shape)
        np.testing.assert_allclose(full[:, : half.shape[1]], half, atol=1e-13)


def test_blurring_is_the_packages(arithmetic):
    found = asked(arithmetic, "Grid.toRows(Restoration.blur(image, psf))")
    for (image, psf, _), rows in zip(SCENES, found, strict=True):
        np.testing.assert_allclose(rows, restore.blur(image, psf, boundary="periodic"), atol=1e-12)


@pytest.mark.parametrize("method", ["wiener", "least squares"])
def test_restoration_is_the_packages(arithmetic, method):
    found = asked(arithmetic, "Grid.toRows(Restoration.restore(image, psf, method, weight))", method)
    for (image, psf, weight), rows in zip(SCENES, found, strict=True):
        if method == "wiener":
            expected = restore.wiener(image, psf, nsr=weight, boundary="periodic")
        else:
            expected = restore.constrained_least_squares(image, psf, regularization=weight, boundary="periodic")
        np.testing.assert_allclose(rows, expected, atol=1e-9)


def test_without_noise_and_strength_the_original_comes_back(arithmetic):
    found = asked(arithmetic, "Grid.toRows(Restoration.restore(Restoration.blur(image, psf), psf, 'wiener', 0))")
    for (image, _, _), rows in zip(SCENES, found, strict=True):
        np.testing.assert_allclose(rows, image, atol=1e-11)


def test_a_frequency_of_which_nothing_is_left_stays_empty(arithmetic):
    pair = np.array([[0.5, 0.5]])
    flip = np.indices((8, 8))[1] % 2.0
    find = "(image, psf) => Grid.toRows(Restoration.restore(Grid.fromRows(image), Grid.fromRows(psf), 'wiener', 0))"
    np.testing.assert_allclose(arithmetic.call(find, flip.tolist(), pair.tolist()), np.full((8, 8), 0.5), atol=1e-13)


def test_the_transpose_is_the_transposed_convolution_of_deep_learning(arithmetic):
    found = asked(arithmetic, "Grid.toRows(Restoration.transpose(image, psf))")
    for (image, psf, _), rows in zip(SCENES, found, strict=True):
        (tall, wide), turned = psf.shape, psf[None, None, ::-1, ::-1]
        if tall > image.shape[0] or wide > image.shape[1]:
            continue
        around = [(tall // 2, tall - 1 - tall // 2), (wide // 2, wide - 1 - wide // 2)]
        wrapped = np.pad(image, around, mode="wrap")
        expected = upsample.conv_transpose(wrapped[None], turned, padding=(tall - 1, wide - 1))[0]
        np.testing.assert_allclose(rows, expected, atol=1e-12)


def test_the_transpose_is_the_adjoint_of_the_blur(arithmetic):
    blurred = asked(arithmetic, "Grid.toRows(Restoration.blur(image, psf))")
    other = "({ ...image, data: image.data.slice().reverse() })"
    transposed = asked(arithmetic, f"Grid.toRows(Restoration.transpose({other}, psf))")
    for (image, _, _), b, t in zip(SCENES, blurred, transposed, strict=True):
        assert np.vdot(b, image[::-1, ::-1]) == pytest.approx(np.vdot(image, t), rel=1e-12)  # <C f, v> = <f, C' v>


def test_the_curves_are_the_factors_on_the_grid(arithmetic):
    curves = asked(arithmetic, "Restoration.profiles(psf, 0, method, weight, 33)", "least squares")
    vertical = asked(arithmetic, "Restoration.profiles(psf, 90, method, weight, 33)", "wiener")
    for (_, psf, weight), across, down in zip(SCENES, curves, vertical, strict=True):
        otf = restore.psf_to_otf(psf, (64, 64))
        w = 2 * np.pi * np.arange(33) / 64
        np.testing.assert_allclose(across["frequency"], w / (2 * np.pi), atol=1e-15)
        for found, h, penalty in ((across, otf[0], (2 - 2 * np.cos(w)) ** 2), (down, otf[-np.arange(33), 0], 1)):
            np.testing.assert_allclose(found["blurring"], np.abs(h), atol=1e-13)
            assert found["transposing"] == found["blurring"]
            restoring = np.abs(np.conj(h) / (np.abs(h) ** 2 + weight * penalty))
            np.testing.assert_allclose(found["restoring"], restoring, rtol=1e-10)


def test_psnr_is_the_peers(arithmetic):
    images = np.random.default_rng(5).random((2, 16, 8))
    found = arithmetic.call("(a, b) => Restoration.psnr(Grid.fromRows(a), Grid.fromRows(b))", *images.tolist())
    assert found == pytest.approx(peak_signal_noise_ratio(images[1], images[0], data_range=1), rel=1e-12)


@pytest.mark.parametrize("method", ["wiener", "least squares"])
def test_the_best_strength_is_the_one_of_least_error(arithmetic, method):
    rng, psf = np.random.default_rng(6), restore.psf.disk(2.5)
    sharp = np.kron(rng.random((8, 8)), np.ones((4, 4)))
    observed = restore.degrade(sharp, psf, noise_sigma=0.02, rng=rng, boundary="periodic")
    candidates = [10 ** (i / 10 - 8) for i in range(81)]
    find = "(f, g, h, ...rest) => Restoration.bestStrength(...[f, g, h].map(Grid.fromRows), ...rest)"
    best = arithmetic.call(find, sharp.tolist(), observed.tolist(), psf.tolist(), method, candidates)

    def error(weight):
        strength = {"nsr": weight} if method == "wiener" else {"regularization": weight}
        solve = restore.wiener if method == "wiener" else restore.constrained_least_squares
        return np.sum((solve(observed, psf, boundary="periodic", **strength) - sharp) ** 2)

    assert best == min(candidates, key=error)


def test_the_noise_is_white_and_gaussian_and_stays(arithmetic):
    draw = "(seed) => Grid.toRows(Noise.gaussian(128, 128, seed))"
    noise = np.array(arithmetic.call(draw, 7))
    n = noise.size
    assert noise.tolist() == arithmetic.call(draw, 7) != arithmetic.call(draw, 8)
    # four standard errors each: mean, variance, fourth moment, neighbours
    assert abs(noise.mean()) < 4 / np.sqrt(n)
    assert abs(noise.var() - 1) < 4 * np.sqrt(2 / n)
    assert abs((noise**4).mean() - 3) < 4 * np.sqrt(96 / n)
    for axis in (0, 1):
        assert abs((noise * np.roll(noise, 1, axis)).mean()) < 4 / np.sqrt(n)
