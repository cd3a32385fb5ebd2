"""Constrained least squares against scikit-image, a dense solution and its own constraint."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from skimage import restoration

from restore import blur, constrained_least_squares, degrade, psf


@pytest.mark.parametrize("gamma", [1e-3, 0.1, 10.0])
@pytest.mark.parametrize(
    ("shape", "size"),
    [((16, 16), (3, 3)), ((15, 18), (3, 7)), ((16, 13), (4, 2)), ((12, 17), (1, 6)), ((6, 7, 8), (3, 2, 5))],
    ids=str,
)
def test_equals_the_wiener_of_scikit_image(shape, size, gamma, oracle):
    picture, kernel = np.random.default_rng(0).random(shape), oracle.asymmetric(size)
    odd = np.pad(kernel, [(0, 1 - k % 2) for k in size])  # scikit-image moves the picture by an even-sized PSF
    expected = restoration.wiener(picture, odd, balance=gamma, clip=False)
    found = constrained_least_squares(picture, kernel, regularization=gamma, boundary="periodic")
    assert_allclose(found, expected, rtol=0, atol=1e-10)


def laplacian_matrix(shape, oracle):
    kernel = np.zeros((3,) * len(shape))
    kernel[(1,) * len(shape)] = 2 * len(shape)
    for axis in range(len(shape)):
        for side in (0, 2):
            kernel[tuple(side if a == axis else 1 for a in range(len(shape)))] = -1
    return oracle.convolution_matrix(kernel, shape)


def gradient_matrix(shape, oracle):
    """All first differences, one block of rows per axis."""
    steps = []
    for axis in range(len(shape)):
        step = np.zeros([3 if a == axis else 1 for a in range(len(shape))])
        step.flat[1:] = 1, -1
        steps.append(oracle.convolution_matrix(step, shape))
    return np.vstack(steps)


@pytest.mark.parametrize("weight", [1e-4, 0.03, 2.0])
@pytest.mark.parametrize("operator", ["laplacian", "gradient", "identity", "own"])
@pytest.mark.parametrize("size", [(3, 3), (4, 3), (2, 6), (1, 5)], ids=str)
def test_solves_the_normal_equations(weight, operator, size, oracle):
    shape, kernel = (8, 9), oracle.asymmetric(size)
    picture = np.random.default_rng(0).random(shape)
    own = np.array([[1.0, -2.0, 0.5, 0.3]])
    charged = {
        "laplacian": lambda: laplacian_matrix(shape, oracle),
        "gradient": lambda: gradient_matrix(shape, oracle),
        "identity": lambda: np.eye(72),
        "own": lambda: oracle.convolution_matrix(own, shape),
    }[operator]()
    blurred = oracle.convolution_matrix(kernel, shape)
    dense = np.linalg.solve(blurred.T @ blurred + weight * charged.T @ charged, blurred.T @ picture.ravel())
    found = constrained_least_squares(
        picture, kernel, regularization=weight, operator=own if operator == "own" else operator, boundary="periodic"
    )
    assert_allclose(found.ravel(), dense, rtol=0, atol=1e-11)


@pytest.mark.parametrize("shape", [(20,), (5, 6, 4)], ids=str)
def test_solves_the_normal_equations_in_one_and_three_dimensions(shape, oracle):
    kernel = oracle.asymmetric((4, 3, 2)[: len(shape)])
    picture = np.random.default_rng(0).random(shape)
    blurred, charged = oracle.convolution_matrix(kernel, shape), laplacian_matrix(shape, oracle)
    dense = np.linalg.solve(blurred.T @ blurred + 0.05 * charged.T @ charged, blurred.T @ picture.ravel())
    found = constrained_least_squares(picture, kernel, regularization=0.05, boundary="periodic")
    assert_allclose(found.ravel(), dense, rtol=0, atol=1e-11)


class TestNoisePower:
    @pytest.mark.parametrize("operator", ["laplacian", "gradient", "identity"])
    def test_spatial_residual_has_the_given_energy(self, scene, operator):
        noisy = degrade(scene.image, scene.psf, noise_sigma=0.1, rng=0, boundary="periodic")
        found = constrained_least_squares(noisy, scene.psf, noise_var=0.01, operator=operator, boundary="periodic")
        residual = noisy - blur(found, scene.psf, boundary="periodic")
        assert_allclose(np.sum(residual**2), noisy.size * 0.01, rtol=1e-6)

    def test_on_a_photo(self, pictures):
        kernel = psf.motion(9.5, 33)
        observed = degrade(pictures["coins"], kernel, noise_sigma=0.02, rng=0, boundary="periodic")
        found = constrained_least_squares(observed, kernel, noise_var=4e-4, boundary="periodic")
        residual = observed - blur(found, kernel, boundary="periodic")
        assert_allclose(np.mean(residual**2), 4e-4, rtol=1e-6)

    def test_counts_the_noise_of_every_channel(self, oracle):
        picture = np.random.default_rng(0).random((16, 18, 3))
        kernel = oracle.asymmetric((3, 4))
        found = constrained_least_squares(picture, kernel, noise_var=0.01, boundary="periodic", channel_axis=2)
        residual = picture - blur(found, kernel, boundary="periodic", channel_axis=2)
        assert_allclose(np.sum(residual**2), picture.size * 0.01, rtol=1e-6)

    def test_larger_noise_means_a_smoother_picture(self, pictures):
        observed = degrade(pictures["camera"][:128, :128], psf.disk(3), bsnr=30, rng=0, boundary="periodic")
        restored = [
            constrained_least_squares(observed, psf.disk(3), noise_var=v, boundary="periodic")
            for v in (1e-5, 1e-4, 1e-3)
        ]
        roughness = [np.sum(np.diff(x, axis=0) ** 2) for x in restored]
        assert roughness[0] > roughness[1] > roughness[2]


def test_without_regularization_it_is_the_inverse(scene):
    blurred = blur(scene.image, scene.psf, boundary="periodic")
    found = constrained_least_squares(blurred, scene.psf, regularization=0, boundary="periodic")
    assert_allclose(found, scene.image, rtol=0, atol=1e-10)


@pytest.mark.parametrize("operator", ["laplacian", "gradient"])
@pytest.mark.parametrize("weight", [1e-3, 1e6])
def test_mean_is_exact(scene, operator, weight):
    found = constrained_least_squares(
        scene.image, scene.psf, regularization=weight, operator=operator, boundary="periodic"
    )
    assert_allclose(found.mean(), scene.image.mean(), rtol=1e-12)


IMAGE, KERNEL = np.ones((8, 9)), np.ones((1, 1))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"regularization": -1}, ValueError, "regularization must be finite and >= 0, got -1"),
        ({"regularization": "auto"}, TypeError, "regularization must be a number, got 'auto'"),
        ({"noise_var": -1}, ValueError, "noise_var must be finite and >= 0, got -1"),
        ({"regularization": 1, "noise_var": 1}, ValueError, "rule and noise_var choose the regularization"),
        ({"regularization": 1, "rule": "gcv"}, ValueError, "rule and noise_var choose the regularization"),
        ({"rule": "l-curve"}, ValueError, "rule must be one of upre, gcv, expected_error, .* got 'l-curve'"),
        ({"regularization": 1, "operator": "sobel"}, ValueError, "operator must be one of laplacian, gradient, identi"),
        ({"regularization": 1, "operator": np.zeros((3, 3))}, ValueError, "operator must not be all zero"),
        ({"regularization": 1, "operator": np.ones((3, 30))}, ValueError, "operator must fit into the image"),
        ({"regularization": 1, "operator": 1j * np.ones((3, 3))}, TypeError, "operator must be real"),
        ({"regularization": 1, "boundary": "wrap"}, ValueError, "boundary must be one of .* got 'wrap'"),
        ({"regularization": 1, "channel_axis": 7}, ValueError, "channel_axis must name an axis of a 2-D image, got 7"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        constrained_least_squares(IMAGE, KERNEL, **arguments)
