"""The worked examples of four introductions to deconvolution, as exact cases; their slips as negative ones."""

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

import upsample

PATCH = np.array([[3.0, 3, 2, 1], [0, 0, 1, 3], [3, 1, 2, 2], [2, 0, 0, 2]])
MASK = np.array([[0.0, 1, 2], [2, 2, 0], [0, 1, 2]])
C = np.array(
    [
        [0, 1, 2, 0, 2, 2, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0],
        [0, 0, 1, 2, 0, 2, 2, 0, 0, 0, 1, 2, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 1, 2, 0, 2, 2, 0, 0, 0, 1, 2, 0],
        [0, 0, 0, 0, 0, 0, 1, 2, 0, 2, 2, 0, 0, 0, 1, 2],
    ]
)
NINE = np.arange(1.0, 10.0).reshape(3, 3)
ABC = np.array([2.0, 3.0, 5.0])


def transpose(x, kernel, **settings):
    """Apply the layer to one channel."""
    return upsample.conv_transpose(np.array(x, float)[None], kernel[None, None], **settings)[0]


def correlate(x, kernel, **settings):
    return upsample.conv(np.array(x, float)[None], kernel[None, None], **settings)[0]


class TestMatrixArticle:
    """ "Deconvolution in deep learning": a 4 x 4 patch, a 3 x 3 mask, the matrix C."""

    def test_the_convolution_is_a_cross_correlation(self):
        result = correlate(PATCH, MASK)
        np.testing.assert_array_equal(result, [[12, 12], [10, 17]])
        np.testing.assert_array_equal(result, correlate2d(PATCH, MASK, "valid"))
        turned = convolve2d(PATCH, MASK, "valid")
        np.testing.assert_array_equal(turned, [[18, 20], [10, 9]])
        assert not np.array_equal(result, turned)

    def test_the_matrix_holds_the_mask_at_four_positions(self):
        matrix = upsample.convolution_matrix(MASK, (4, 4))
        np.testing.assert_array_equal(matrix.toarray(), C)
        np.testing.assert_array_equal(matrix @ PATCH.ravel(), [12, 12, 10, 17])

    @pytest.mark.parametrize(
        ("small", "expected"),
        [
            ([[12, 12], [10, 17]], [[0, 12, 36, 24], [24, 58, 61, 34], [20, 66, 70, 24], [0, 10, 37, 34]]),
            ([[1, 1], [1, 1]], [[0, 1, 3, 2], [2, 5, 5, 2], [2, 5, 5, 2], [0, 1, 3, 2]]),
        ],
    )
    def test_the_transposed_matrix_maps_four_values_to_sixteen(self, small, expected):
        np.testing.assert_array_equal(transpose(small, MASK), expected)
        product = upsample.convolution_matrix(MASK, (4, 4)).T @ np.ravel(small)
        np.testing.assert_array_equal(product, np.ravel(expected))

    def test_it_restores_nothing(self):
        matrix = upsample.convolution_matrix(MASK, (4, 4))
        gram = (matrix @ matrix.T).toarray()
        np.testing.assert_array_equal(gram, [[18, 8, 4, 6], [8, 18, 6, 4], [4, 6, 18, 8], [6, 4, 8, 18]])
        assert np.linalg.matrix_rank(gram) == 4
        there_and_back = correlate(transpose([[12, 12], [10, 17]], MASK), MASK)
        np.testing.assert_array_equal(there_and_back, [[454, 440], [436, 506]])


class TestInterpolationNote:
    """A short note: zeros between the samples, and start weights that interpolate."""

    @pytest.mark.parametrize(
        ("stride", "taps"),
        [
            (2, [0.25, 0.75, 0.75, 0.25]),
            (3, [1 / 3, 2 / 3, 1, 2 / 3, 1 / 3]),
            (4, np.array([1, 3, 5, 7, 7, 5, 3, 1]) / 8),
        ],
    )
    def test_bilinear_taps(self, stride, taps):
        np.testing.assert_allclose(upsample.bilinear_kernel(stride, axes=1), taps, rtol=1e-15)
        np.testing.assert_allclose(upsample.bilinear_kernel(stride), np.outer(taps, taps), rtol=1e-15)


LESSON = [
    (1, 0, [[1, 2], [3, 4]], [[1, 4, 7, 6], [7, 23, 33, 24], [19, 53, 63, 42], [21, 52, 59, 36]], (3, 5, 5, 4)),
    (
        2,
        0,
        [[1, 2], [3, 4]],
        [
            [1, 2, 2, 4, 3, 6],
            [3, 4, 6, 8, 9, 12],
            [4, 8, 5, 10, 6, 12],
            [12, 16, 15, 20, 18, 24],
            [7, 14, 8, 16, 9, 18],
            [21, 28, 24, 32, 27, 36],
        ],
        (5, 7, 7, 6),
    ),
    (2, 1, [[1, 2], [3, 4]], [[4, 6, 8, 9], [8, 5, 10, 6], [16, 15, 20, 18], [14, 8, 16, 9]], (5, 7, 5, 4)),
    (
        3,
        2,
        NINE.tolist(),
        [
            [9, 14, 16, 18, 21],
            [12, 5, 10, 15, 6],
            [24, 20, 25, 30, 24],
            [36, 35, 40, 45, 42],
            [21, 8, 16, 24, 9],
        ],
        (7, 11, 7, 5),
    ),
    (2, 2, [[1, 2], [3, 4]], [[5, 10], [15, 20]], (5, 7, 3, 2)),
]
AS_IS = {  # what the lesson's fourth step gives with the kernel as it is: not the transposed convolution
    (1, 0): [[4, 11, 18, 9], [18, 37, 47, 21], [36, 67, 77, 33], [14, 23, 26, 9]],
    (2, 1): [[1, 4, 2, 6], [12, 20, 15, 24], [4, 10, 5, 12], [21, 32, 24, 36]],
    (3, 2): [[1, 6, 4, 2, 9], [28, 45, 40, 35, 54], [16, 30, 25, 20, 36], [4, 15, 10, 5, 18], [49, 72, 64, 56, 81]],
}


class TestFourStepLesson:
    """Insert zeros, border, delete, convolve with stride 1; input 1..9."""

    @pytest.mark.parametrize(("stride", "padding", "kernel", "expected", "sizes"), LESSON)
    def test_values_and_sizes_of_every_step(self, stride, padding, kernel, expected, sizes):
        kernel = np.array(kernel, float)
        np.testing.assert_array_equal(transpose(NINE, kernel, stride=stride, padding=padding), expected)
        shown = upsample.steps(NINE[None], kernel[None, None], stride=stride, padding=padding)
        np.testing.assert_array_equal(shown.result[0], expected)
        assert [size[0] for size in shown.sizes.values()] == list(sizes)
        np.testing.assert_array_equal(shown.kernel[0, 0], kernel[::-1, ::-1])

    @pytest.mark.parametrize(("stride", "padding", "kernel", "expected", "sizes"), LESSON)
    def test_the_kernel_must_be_turned(self, stride, padding, kernel, expected, sizes):
        kernel = np.array(kernel, float)
        shown = upsample.steps(NINE[None], kernel[None, None], stride=stride, padding=padding)
        as_is = correlate(shown.cropped[0], kernel)
        assert not np.array_equal(as_is, expected)
        if (stride, padding) in AS_IS:
            np.testing.assert_array_equal(as_is, AS_IS[stride, padding])
        unturned = upsample.convert_weight(kernel[:, :, None, None], "jax")  # JAX's default turns nothing
        result = upsample.conv_transpose(NINE[None], unturned, stride=stride, padding=padding)
        np.testing.assert_array_equal(result[0], as_is)

    @pytest.mark.parametrize(("stride", "padding", "kernel", "expected", "sizes"), LESSON[:4])
    def test_convolving_the_result_gives_the_size_back(self, stride, padding, kernel, expected, sizes):
        back = correlate(expected, np.array(kernel, float), stride=stride, padding=padding)
        assert back.shape == (3, 3)

    def test_the_other_direction_needs_the_lost_remainder(self):
        for size in (5, 6):
            assert upsample.conv_output_shape(size, 3, stride=2, padding=1) == (3,)
        assert upsample.output_shape(3, 3, stride=2, padding=1) == (5,)
        assert upsample.output_shape(3, 3, stride=2, padding=1, output_padding=1) == (6,)
        assert upsample.output_shape(3, 3, stride=2, padding=1, output_size=6) == (6,)


class TestLecture:
    """A lecture in one dimension, kernel a, b, c = 2, 3, 5, inputs 1, 10, 100, ..."""

    def test_convolution_of_stride_one_and_two(self):
        x = 10.0 ** np.arange(5)
        np.testing.assert_array_equal(correlate(x, ABC, padding=1), [53, 532, 5320, 53200, 32000])
        np.testing.assert_array_equal(correlate(x, ABC, padding="same"), [53, 532, 5320, 53200, 32000])
        np.testing.assert_array_equal(correlate(x, ABC, padding=1, stride=2), [53, 5320, 32000])

    @pytest.mark.parametrize(
        ("inputs", "settings", "expected"),
        [
            (4, {}, [2, 23, 235, 2350, 3500, 5000]),
            (4, {"padding": 1}, [23, 235, 2350, 3500]),
            (3, {"stride": 2}, [2, 3, 25, 30, 250, 300, 500]),
            (3, {"stride": 2, "padding": 1}, [3, 25, 30, 250, 300]),
        ],
    )
    def test_deconvolution(self, inputs, settings, expected):
        x = 10.0 ** np.arange(inputs)
        np.testing.assert_array_equal(transpose(x, ABC, **settings), expected)
        np.testing.assert_array_equal(upsample.scatter(x, ABC, **settings).result, expected)

    def test_inserting_zeros_then_deconvolving_is_the_same_but_correlating_is_not(self):
        inserted = np.array([1.0, 0, 10, 0, 100])
        np.testing.assert_array_equal(transpose(inserted, ABC, padding=1), [3, 25, 30, 250, 300])
        np.testing.assert_array_equal(correlate(inserted, ABC, padding=1), [3, 52, 30, 520, 300])

    def test_two_dimensions(self):
        kernel = np.array([[2.0, 3, 5], [7, 11, 13], [17, 19, 23]])
        impulse = np.zeros((3, 3))
        impulse[0, 0] = 1
        np.testing.assert_array_equal(transpose(impulse, kernel, padding=1), [[11, 13, 0], [19, 23, 0], [0, 0, 0]])
        same = transpose(NINE, kernel, padding=1)
        np.testing.assert_array_equal(same, convolve2d(NINE, kernel, "same"))
        np.testing.assert_array_equal(transpose(np.arange(9.0).reshape(3, 3), kernel, padding=1)[1, 1], 238)
        np.testing.assert_array_equal(
            transpose(NINE, kernel, stride=2, padding=1),
            [
                [11, 27, 22, 47, 33],
                [31, 87, 53, 134, 75],
                [44, 87, 55, 107, 66],
                [97, 228, 119, 275, 141],
                [77, 147, 88, 167, 99],
            ],
        )

    def test_max_pooling_and_unpooling(self):
        values, indices = upsample.max_pool(np.array([[[3.0, 8.0], [6.0, 4.0]]]), 2)
        assert (values.item(), indices.item()) == (8, 1)
        np.testing.assert_array_equal(upsample.max_unpool(values, indices, 2)[0], [[0, 8], [0, 0]])

    def test_stride_two_misses_responses_that_pooling_keeps(self):
        # y = a, b, c slides; stride 2 computes the responses at x0, x2, x4 and misses those at x1 and x3.
        x = np.array([[1.0, 0, 4, 9, 2]])
        found = upsample.missed_responses(x, ABC[None, None])
        np.testing.assert_array_equal(found.responses, [[3, 22, 57, 45, 24]])
        np.testing.assert_array_equal(found.strided, [[3, 57, 24]])
        np.testing.assert_array_equal(found.pooled, [[22, 57, 24]])
        np.testing.assert_array_equal(found.missed, [[19, 0, 0]])

    def test_decoding_stage_by_stage_restores_odd_sizes(self):
        rng = np.random.default_rng(0)
        weights = [rng.standard_normal((4, 1, 3, 3)), rng.standard_normal((6, 4, 3, 3))]
        coded = upsample.encode(rng.standard_normal((1, 135, 240)), weights)
        assert [s.size for s in coded.switches] == [(135, 240), (67, 120)]
        assert coded.features.shape == (6, 33, 60)
        decoded = upsample.decode(coded.features, weights, coded.switches)
        assert [m.shape for m in decoded.unpooled] == [(6, 67, 120), (4, 135, 240)]
        assert [m.shape for m in decoded.deconvolved] == [(4, 67, 120), (1, 135, 240)]
        assert np.count_nonzero(decoded.unpooled[0]) == coded.features.size
        plain = upsample.max_unpool(coded.features, coded.switches[1].indices % (66 * 120), 2)
        assert plain.shape == (6, 66, 120)  # without the stored size a row is lost
