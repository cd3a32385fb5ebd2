"""A layer that is trained to restore becomes the Wiener filter of its training pictures."""

import numpy as np

import upsample

SIZE, SIGMA = 9, 0.3


def pictures(rng, count):
    """Draw periodic pictures with the power S of natural ones, and blur H, as (S, H, f, g)."""
    u, v = np.meshgrid(np.fft.fftfreq(SIZE), np.fft.fftfreq(SIZE), indexing="ij")
    power = 1 / (0.002 + u**2 + 0.5 * v**2)
    otf = np.exp(-6 * (u**2 + 2 * v**2)) * np.exp(2j * np.pi * (0.7 * u - 0.4 * v) * (np.hypot(u, v) < 0.45))
    white = np.fft.fft2(rng.standard_normal((count, SIZE, SIZE)))
    sharp = np.sqrt(power) * white
    noise = np.fft.fft2(SIGMA * rng.standard_normal((count, SIZE, SIZE)))
    f, g = (np.fft.ifft2(s) for s in (sharp, otf * sharp + noise))
    return power, otf, f.real, g.real


def response(learned):
    """The learned layer per frequency: the spectrum of what it makes of one point."""
    point = np.zeros((1, SIZE, SIZE))
    point[0, 0, 0] = 1
    return np.fft.fft2(learned(point)[0])


def test_with_a_kernel_as_large_as_the_picture_it_is_the_wiener_filter_of_the_pairs():
    """Exactly: mean of conj(G) F over mean of |G|^2, frequency by frequency."""
    _, _, f, g = pictures(np.random.default_rng(0), 5)
    learned = upsample.learn_kernel(zip(g, f, strict=True), stride=1, size=SIZE, border="periodic", ridge=0)
    spectra = np.fft.fft2(f), np.fft.fft2(g)
    wiener = (spectra[1].conj() * spectra[0]).mean(0) / (np.abs(spectra[1]) ** 2).mean(0)
    np.testing.assert_allclose(response(learned), wiener, atol=1e-8)


def test_with_many_pictures_it_is_the_formula_of_wiener():
    """conj(H) / (|H|^2 + S_noise / S): within 5 % of the largest gain, in the root mean square over frequencies."""
    power, otf, f, g = pictures(np.random.default_rng(1), 400)
    learned = upsample.learn_kernel([(g[:, None], f[:, None])], stride=1, size=SIZE, border="periodic")
    formula = otf.conj() / (np.abs(otf) ** 2 + SIGMA**2 / power)
    off = np.sqrt(np.mean(np.abs(response(learned) - formula) ** 2))
    assert off < 0.05 * np.abs(formula).max()
    transpose = np.sqrt(np.mean(np.abs(otf.conj() - formula) ** 2))
    assert transpose > 5 * off
