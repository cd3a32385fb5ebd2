"""What links and what parts the two meanings of deconvolution: laws across `restore` and `upsample`.

C is written out as a matrix here: `upsample.convolution_matrix` of a picture continued periodically.
"""

import numpy as np
import pytest
from scipy import signal, sparse

import restore
import upsample
from deconv.contrast.layer import Layer
from deconv.contrast.meanings import LAPLACIAN, both_meanings
from deconv.contrast.numbers import ARTICLE

RNG = np.random.default_rng(0)


def psf(*shape):
    """Return an asymmetric PSF."""
    values = RNG.random(shape) ** 2
    return values / values.sum()


PSFS = {
    "gaussian": restore.psf.gaussian(0.6),
    "motion": restore.psf.motion(4, 30),
    "asymmetric": psf(5, 5),
    "non-square": psf(3, 7),
    "even": psf(4, 6),
    "even and odd": psf(2, 3),
    "one row": psf(1, 5),
}
SHAPES = [(9, 12), (10, 7)]


def wrapped(shape, begin, end):
    """Return the matrix that continues a picture periodically."""
    places = np.pad(np.arange(np.prod(shape)).reshape(shape), list(zip(begin, end, strict=True)), mode="wrap").ravel()
    ones = np.ones(len(places))
    return sparse.csr_array((ones, (np.arange(len(places)), places)), shape=(len(places), int(np.prod(shape))))


def circular_matrix(h, shape):
    """Return the matrix of circular convolution with h, centre at size // 2: a layer whose weight is h turned."""
    begin, end = [k - 1 - k // 2 for k in h.shape], [k // 2 for k in h.shape]
    padded = [n + k - 1 for n, k in zip(shape, h.shape, strict=True)]
    return upsample.convolution_matrix(h[::-1, ::-1], padded) @ wrapped(shape, begin, end)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", PSFS)
def test_both_packages_mean_the_same_matrix(name, shape):
    f = RNG.standard_normal(shape)
    blurred = restore.blur(f, PSFS[name], boundary="periodic")
    np.testing.assert_allclose((circular_matrix(PSFS[name], shape) @ f.ravel()).reshape(shape), blurred, atol=1e-14)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", PSFS)
@pytest.mark.parametrize("regularization", [1e-3, 2.0])
def test_the_restoration_solves_the_normal_equations(name, shape, regularization):
    g = RNG.standard_normal(shape)
    C, L = circular_matrix(PSFS[name], shape), circular_matrix(LAPLACIAN, shape)
    expected = np.linalg.solve((C.T @ C + regularization * L.T @ L).toarray(), C.T @ g.ravel())
    found = restore.constrained_least_squares(g, PSFS[name], regularization=regularization, boundary="periodic")
    np.testing.assert_allclose(found.ravel(), expected, atol=1e-11 * np.abs(expected).max())


@pytest.mark.parametrize("name", PSFS)
def test_the_wiener_filter_is_the_transpose_made_stable(name):
    """(C'C + K)^-1 C' g: the transpose is its numerator, what is left of it for a large K."""
    g = RNG.standard_normal((9, 12))
    C = circular_matrix(PSFS[name], g.shape)
    for ratio in (0.01, 1e9):
        expected = np.linalg.solve((C.T @ C).toarray() + ratio * np.eye(g.size), C.T @ g.ravel())
        found = restore.wiener(g, PSFS[name], nsr=ratio, boundary="periodic").ravel()
        np.testing.assert_allclose(found, expected, atol=1e-12 * np.abs(expected).max())
    np.testing.assert_allclose(ratio * found, C.T @ g.ravel(), atol=1e-8)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", PSFS)
def test_the_transpose_multiplies_by_the_conjugate_of_h(name, shape):
    h, g = PSFS[name], RNG.standard_normal(shape)
    spectrum = np.conj(restore.psf_to_otf(h, shape)) * np.fft.rfft2(g)
    expected = np.fft.irfft2(spectrum, s=shape)
    np.testing.assert_allclose((circular_matrix(h, shape).T @ g.ravel()).reshape(shape), expected, atol=1e-14)
    np.testing.assert_allclose(Layer.blurring(h).transpose(g), expected, atol=1e-14)


def test_a_kernel_off_its_centre_is_shifted_back_by_the_transpose_not_sharpened():
    h = np.zeros((3, 5))
    h[0, 4] = 1
    f = RNG.standard_normal((9, 12))
    layer = Layer.blurring(h)
    np.testing.assert_array_equal(layer.forward(f), np.roll(f, (-1, 2), axis=(0, 1)))
    np.testing.assert_array_equal(layer.transpose(layer.forward(f)), f)  # a shift is the one blur that C' undoes


@pytest.mark.parametrize("name", PSFS)
def test_the_transpose_is_the_adjoint_and_no_inverse(name):
    C = circular_matrix(PSFS[name], (9, 12))
    u, v = RNG.standard_normal(108), RNG.standard_normal(108)
    np.testing.assert_allclose((C @ u) @ v, u @ (C.T @ v), atol=1e-12)
    gram = (C.T @ C).toarray()
    assert np.abs(gram - np.eye(108)).max() > 0.2
    twice = restore.psf_to_otf(PSFS[name], (9, 12))
    np.testing.assert_allclose((C.T @ (C @ u)).sum(), u.sum(), atol=1e-12)  # it keeps the mean
    assert np.abs(twice[1:, 1:]).max() < 1  # and damps all else, every time


# --- the layer of the figure -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("stride", [2, 3, 4])
@pytest.mark.parametrize("colours", [(), (3,)], ids=["gray", "colour"])
def test_the_layer_with_a_stride_is_a_matrix_and_its_transpose(stride, colours):
    layer, shape = Layer.shrinking(stride), (12, 24)
    small = tuple(n // stride for n in shape)
    k = layer.weight.shape[0]
    begin = [(k - stride) // 2] * 2
    pads = begin, [k - stride - begin[0]] * 2
    C = upsample.convolution_matrix(layer.weight, [n + k - stride for n in shape], stride=stride) @ wrapped(
        shape, *pads
    )
    x, y = RNG.standard_normal((*shape, *colours)), RNG.standard_normal((*small, *colours))
    down, up = layer.forward(x), layer.transpose(y)
    assert down.shape == (*small, *colours)
    np.testing.assert_allclose(down.reshape(-1, *colours), C @ x.reshape(-1, *colours), atol=1e-12)
    np.testing.assert_allclose(up.reshape(-1, *colours), C.T @ y.reshape(-1, *colours), atol=1e-12)


@pytest.mark.parametrize("name", PSFS)
@pytest.mark.parametrize("colours", [(), (3,)], ids=["gray", "colour"])
def test_the_figure_is_drawn_of_the_operations_that_it_names(name, colours):
    f = RNG.random((12, 16, *colours))
    meanings = both_meanings(f, PSFS[name], noise_sigma=0.01, stride=2, seed=1, regularization=0.02)
    C, L = circular_matrix(PSFS[name], (12, 16)), circular_matrix(LAPLACIAN, (12, 16))
    flat = meanings.blurred.reshape(192, *colours)
    np.testing.assert_allclose(np.std(flat - C @ f.reshape(192, *colours)), 0.01, rtol=0.2)
    np.testing.assert_allclose(meanings.transposed.reshape(192, *colours), C.T @ flat, atol=1e-13)
    restored = np.linalg.solve((C.T @ C + 0.02 * L.T @ L).toarray(), C.T @ flat)
    np.testing.assert_allclose(meanings.restored.reshape(192, *colours), restored, atol=1e-10)
    assert meanings.small.shape == (6, 8, *colours)
    assert meanings.enlarged.shape == f.shape
    assert max(meanings.deviations.values()) < 1e-13


def test_a_broken_law_is_a_fault_of_the_program(monkeypatch):
    monkeypatch.setattr(Layer, "blurring", lambda psf: Layer(psf, tuple(k // 2 for k in psf.shape)))  # not turned
    h = np.array([[0.1, 0.2, 0.7]])
    with pytest.raises(ArithmeticError, match=r"same_blur.*transpose_is_conj_h"):
        both_meanings(RNG.random((12, 16)), h, noise_sigma=0.01, stride=2, seed=1, regularization=0.02)


# --- in numbers ------------------------------------------------------------------------------------------------------


def test_numbers_of_few_digits_break_no_law():
    dark = np.random.default_rng(0).random((32, 30)) * 1e-320
    meanings = both_meanings(dark, restore.psf.gaussian(2), noise_sigma=0, stride=2, seed=0, regularization=1e-3)
    meanings.check_laws()


def test_a_huge_regularization_breaks_no_law():
    bright = 1e9 * RNG.random((32, 30))
    both_meanings(bright, restore.psf.gaussian(2), noise_sigma=0, stride=2, seed=0, regularization=1e300).check_laws()


def test_the_numbers_of_the_article():
    assert ARTICLE.matrix.shape == (4, 16)
    np.testing.assert_array_equal(ARTICLE.result, [12, 12, 10, 17])
    expected = [[0, 12, 36, 24], [24, 58, 61, 34], [20, 66, 70, 24], [0, 10, 37, 34]]
    np.testing.assert_array_equal(ARTICLE.transposed.reshape(4, 4), expected)
    np.testing.assert_array_equal(ARTICLE.matrix @ ARTICLE.transposed, [454, 440, 436, 506])


def test_the_pseudo_inverse_restores_what_the_data_say_and_the_transpose_does_not():
    C, inverse, y = ARTICLE.matrix, ARTICLE.inverse, ARTICLE.result
    np.testing.assert_allclose(C @ inverse, np.eye(4), atol=1e-14)
    np.testing.assert_allclose(inverse @ y, np.linalg.lstsq(C, y, rcond=None)[0], atol=1e-13)
    limit = np.linalg.solve(C.T @ C + 1e-6 * np.eye(16), C.T @ y)
    np.testing.assert_allclose(ARTICLE.restored, limit, atol=1e-5)
    seen = inverse @ C  # the projection on what C sees: f is restored but for what C wiped out
    np.testing.assert_allclose(seen @ seen, seen, atol=1e-14)
    np.testing.assert_allclose(ARTICLE.restored, seen @ ARTICLE.patch.ravel(), atol=1e-13)
    assert np.linalg.norm(ARTICLE.restored) < np.linalg.norm(ARTICLE.patch)
    np.testing.assert_array_equal(C @ C.T, [[18, 8, 4, 6], [8, 18, 6, 4], [4, 6, 18, 8], [6, 4, 8, 18]])
    assert np.abs(C.T @ C - np.eye(16)).max() > 1
    assert np.linalg.matrix_rank(C.T @ C) == 4


def test_the_numbers_say_that_a_layer_correlates():
    turned = signal.convolve2d(ARTICLE.patch, ARTICLE.kernel, mode="valid")
    np.testing.assert_array_equal(ARTICLE.convolved, turned.ravel())
    assert (ARTICLE.result[0], ARTICLE.convolved[0]) == (12, 18)
