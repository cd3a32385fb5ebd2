"""Wiener, geometric-mean and inverse filter against their formulas on the full spectrum."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from restore import blur, constrained_least_squares, degrade, geometric_mean_filter, inverse_filter, psf, wiener

ROUNDING = 1e-10  # of a division by |H|^2 >= 0.04


def by_formula(image, gain):
    return np.fft.ifftn(gain * np.fft.fftn(image)).real


class TestScalarRatio:
    @pytest.mark.parametrize("nsr", [1e-3, 0.1, 10.0])
    def test_is_its_formula(self, scene, nsr):
        gain = np.conj(scene.otf) / (np.abs(scene.otf) ** 2 + nsr)
        found = wiener(scene.image, scene.psf, nsr=nsr, boundary="periodic")
        assert_allclose(found, by_formula(scene.image, gain), rtol=0, atol=ROUNDING)

    def test_solves_the_normal_equations(self, oracle):
        shape, psf_ = (8, 9), oracle.asymmetric((4, 3))
        picture = np.random.default_rng(0).random(shape)
        matrix = oracle.convolution_matrix(psf_, shape)
        dense = np.linalg.solve(matrix.T @ matrix + 0.02 * np.eye(72), matrix.T @ picture.ravel())
        found = wiener(picture, psf_, nsr=0.02, boundary="periodic")
        assert_allclose(found.ravel(), dense, rtol=0, atol=1e-12)


class TestSpectra:
    @pytest.fixture
    def spectra(self, scene):
        """Even in frequency, as spectra of real pictures are."""
        rng = np.random.default_rng(5)
        return [np.abs(np.fft.fftn(rng.random(scene.shape))) ** 2 for _ in range(2)]

    def test_ratio_per_frequency_full_and_half(self, scene, spectra):
        gain = np.conj(scene.otf) / (np.abs(scene.otf) ** 2 + spectra[0])
        half = spectra[0][..., : scene.shape[-1] // 2 + 1]
        for nsr in (spectra[0], half):
            found = wiener(scene.image, scene.psf, nsr=nsr, boundary="periodic")
            assert_allclose(found, by_formula(scene.image, gain), rtol=0, atol=ROUNDING)

    def test_two_spectra(self, scene, spectra):
        signal, noise = spectra
        gain = np.conj(scene.otf) * signal / (np.abs(scene.otf) ** 2 * signal + noise)
        found = wiener(scene.image, scene.psf, signal_spectrum=signal, noise_spectrum=noise, boundary="periodic")
        assert_allclose(found, by_formula(scene.image, gain), rtol=0, atol=ROUNDING)

    def test_white_noise_as_a_number(self, scene, spectra):
        arguments = {"signal_spectrum": spectra[0], "boundary": "periodic"}
        number = wiener(scene.image, scene.psf, noise_spectrum=0.3, **arguments)
        array = wiener(scene.image, scene.psf, noise_spectrum=np.full(scene.shape, 0.3), **arguments)
        assert_allclose(number, array, rtol=1e-13, atol=1e-13)

    def test_zeros_in_the_signal_spectrum_are_harmless(self):
        image = np.random.default_rng(0).random((8, 10))
        signal = np.zeros((8, 6))
        signal[0, 0] = 1
        found = wiener(image, psf.box(3), signal_spectrum=signal, noise_spectrum=0.0, boundary="periodic")
        assert_allclose(found, image.mean())


def test_true_spectra_beat_every_other_filter_on_average(pictures, oracle):
    sharp, kernel, sigma = pictures["camera"][200:264, 220:290], oracle.asymmetric((5, 4)), 0.05
    periodic = {"boundary": "periodic"}
    signal = np.abs(np.fft.fftn(sharp)) ** 2 / sharp.size
    filters = {"true": lambda g: wiener(g, kernel, signal_spectrum=signal, noise_spectrum=sigma**2, **periodic)}
    for factor in (0.5, 2.0):
        filters[f"{factor} x"] = lambda g, k=factor: wiener(g, kernel, nsr=k * sigma**2 / signal, **periodic)
    for k in np.logspace(-5, 1, 13):
        filters[f"nsr {k:.2g}"] = lambda g, k=k: wiener(g, kernel, nsr=k, **periodic)
        filters[f"cls {k:.2g}"] = lambda g, k=k: constrained_least_squares(g, kernel, regularization=k, **periodic)
        filters[f"inverse {k:.2g}"] = lambda g, k=k: inverse_filter(g, kernel, threshold=k, **periodic)
    for alpha in (0.25, 0.5, 1.0):
        filters[f"geometric {alpha}"] = lambda g, a=alpha: geometric_mean_filter(
            g, kernel, nsr=sigma**2 / signal, alpha=a, **periodic
        )
    draws = [degrade(sharp, kernel, noise_sigma=sigma, rng=seed, boundary="periodic") for seed in range(8)]
    errors = {name: np.mean([np.square(f(g) - sharp) for g in draws]) for name, f in filters.items()}
    assert min(errors, key=errors.get) == "true"


class TestGeometricMean:
    @pytest.mark.parametrize(("alpha", "beta"), [(0, 1), (0.5, 1), (0.3, 2.5), (1, 1)])
    def test_is_its_formula(self, scene, alpha, beta):
        power = np.abs(scene.otf) ** 2
        inverse, parametric = np.conj(scene.otf) / power, np.conj(scene.otf) / (power + beta * 0.1)
        # The phase of a power of a complex number: both factors have that of conj(H).
        gain = np.exp(-1j * np.angle(scene.otf)) * np.abs(inverse) ** alpha * np.abs(parametric) ** (1 - alpha)
        found = geometric_mean_filter(scene.image, scene.psf, nsr=0.1, alpha=alpha, beta=beta, boundary="periodic")
        assert_allclose(found, by_formula(scene.image, gain), rtol=0, atol=ROUNDING)

    def test_equalizes_the_spectrum(self, scene):
        """alpha = 1/2 and beta = 1 give |F|^2 = S_f for data of power |H|^2 S_f + S_n."""
        signal = np.abs(np.fft.fftn(np.random.default_rng(5).random(scene.shape))) ** 2 + 1
        noise = 0.2
        phase = np.fft.fftn(scene.image)
        phase /= np.abs(phase)
        data = np.fft.ifftn(phase * np.sqrt(np.abs(scene.otf) ** 2 * signal + noise)).real
        found = geometric_mean_filter(data, scene.psf, nsr=noise / signal, boundary="periodic")
        assert_allclose(np.abs(np.fft.fftn(found)) ** 2, signal, rtol=1e-9)


class TestInverse:
    def test_recovers_the_noiseless_picture(self, scene):
        blurred = blur(scene.image, scene.psf, boundary="periodic")
        assert_allclose(inverse_filter(blurred, scene.psf, boundary="periodic"), scene.image, rtol=0, atol=ROUNDING)
        assert_allclose(wiener(blurred, scene.psf, nsr=0, boundary="periodic"), scene.image, rtol=0, atol=ROUNDING)

    def test_zeroes_what_the_blur_did_not_pass(self, scene):
        threshold = np.median(np.abs(scene.otf)) * (1 + 1e-9)
        gain = np.where(np.abs(scene.otf) > threshold, 1 / scene.otf, 0)
        found = inverse_filter(scene.image, scene.psf, threshold=threshold, boundary="periodic")
        assert_allclose(found, by_formula(scene.image, gain), rtol=0, atol=ROUNDING)

    def test_cuts_off_by_radial_frequency(self, scene):
        axes = np.meshgrid(*[np.fft.fftfreq(n) for n in scene.shape], indexing="ij")
        gain = np.where(np.sqrt(sum(u**2 for u in axes)) <= 0.23, 1 / scene.otf, 0)
        found = inverse_filter(scene.image, scene.psf, cutoff=0.23, boundary="periodic")
        assert_allclose(found, by_formula(scene.image, gain), rtol=0, atol=ROUNDING)

    @pytest.mark.parametrize("shape", [(16, 16), (20, 28), (15, 21), (24, 30)], ids=str)
    @pytest.mark.parametrize("size", [3, 4, 5], ids=str)
    def test_zeros_of_the_blur_are_not_divided_by(self, shape, size):
        """A box has exact zeros on these grids; the transform knows them only up to its rounding."""
        image = np.random.default_rng(0).random(shape)
        blurred = blur(image, psf.box(size), boundary="periodic") + 1e-9 * image
        assert np.abs(inverse_filter(blurred, psf.box(size), boundary="periodic")).max() < 10

    def test_fails_on_noise_as_it_should(self):
        sharp = np.zeros((32, 32))
        sharp[8:20, 10:26] = 1
        observed = degrade(sharp, psf.gaussian(2), noise_sigma=0.01, rng=0, boundary="periodic")
        assert np.std(inverse_filter(observed, psf.gaussian(2), boundary="periodic")) > 100


IMAGE, KERNEL = np.ones((8, 9)), np.ones((1, 1))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: wiener(IMAGE, KERNEL, nsr=-0.1), ValueError, r"nsr must be finite and >= 0, got -0\.1"),
        (lambda: wiener(IMAGE, KERNEL, nsr="auto"), TypeError, "nsr must be a number, got 'auto'"),
        (
            lambda: wiener(IMAGE, KERNEL, nsr=np.ones((9, 8))),
            ValueError,
            r"nsr must have the shape \(8, 9\)",
        ),
        (lambda: wiener(IMAGE, KERNEL, nsr=-np.ones((8, 9))), ValueError, "nsr must be finite and >= 0 everywhere"),
        (lambda: wiener(IMAGE, KERNEL, nsr=1j * np.ones((8, 9))), TypeError, "nsr must be real, got complex128"),
        (lambda: wiener(IMAGE, KERNEL, signal_spectrum=np.ones((8, 9))), ValueError, "nsr must be left out and both"),
        (
            lambda: wiener(IMAGE, KERNEL, nsr=1, signal_spectrum=np.ones((8, 9)), noise_spectrum=1),
            ValueError,
            "nsr must be left out and both",
        ),
        (
            lambda: wiener(IMAGE, KERNEL, signal_spectrum=np.ones((8, 9)), noise_spectrum=-1),
            ValueError,
            "noise_spectrum must be finite and >= 0, got -1",
        ),
        (lambda: wiener(IMAGE, KERNEL, nsr=1, boundary="mirror"), ValueError, "boundary must be one of unknown, .*per"),
        (lambda: inverse_filter(IMAGE, KERNEL, threshold=-1), ValueError, "threshold must be finite and >= 0, got -1"),
        (lambda: inverse_filter(IMAGE, KERNEL, cutoff=0), ValueError, "cutoff must be finite and > 0, got 0"),
        (
            lambda: geometric_mean_filter(IMAGE, KERNEL, nsr=1, alpha=1.5),
            ValueError,
            r"alpha must lie in \[0, 1\]",
        ),
        (lambda: geometric_mean_filter(IMAGE, KERNEL, nsr=1, alpha="x"), TypeError, "alpha must be a number, got 'x'"),
        (lambda: geometric_mean_filter(IMAGE, KERNEL, nsr=1, beta=-1), ValueError, "beta must be finite and >= 0"),
        (lambda: geometric_mean_filter(IMAGE, KERNEL, nsr=-1), ValueError, "nsr must be finite and >= 0, got -1"),
    ],
)
def test_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()
