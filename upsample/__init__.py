"""Transposed convolution, the deconvolution of deep learning: maps are enlarged by the transpose of a convolution.

With C the matrix of `conv`, `conv_transpose` multiplies by C'. That is an adjoint, not an inverse: nothing is
restored. `steps`, `scatter`, `subpixel` and `convolution_matrix` show the same operation in four other ways.

>>> import numpy as np
>>> import upsample
>>> upsample.conv_transpose(np.array([[1.0, 2.0]]), np.ones((1, 1, 3)), stride=2)
array([[1., 1., 3., 2., 2.]])
"""

from upsample._checkerboard import Checkerboard, checkerboard, overlap_map
from upsample.convolution import conv
from upsample.enlargement import Enlargement, enlarge
from upsample.frameworks import convert_map, convert_weight, jax_padding, keras_padding, onnx_padding
from upsample.kernels.by_name import interpolate
from upsample.kernels.icnr import icnr
from upsample.kernels.interpolating import bilinear_kernel, cubic_kernel, nearest_kernel
from upsample.kernels.learned import learned_kernel
from upsample.learning.descent import descend_kernel
from upsample.learning.gradients import Gradients, conv_gradients, conv_transpose_gradients
from upsample.learning.learned_kernel import LearnedKernel
from upsample.learning.least_squares import learn_kernel
from upsample.matrix import convolution_matrix
from upsample.pooling import max_pool, max_unpool
from upsample.shapes import conv_output_shape, explain, output_shape, padding_for
from upsample.shuffle import pixel_shuffle, pixel_unshuffle
from upsample.stages import Decoding, Encoding, MissedResponses, Switches, decode, encode, missed_responses
from upsample.transposed_conv import ConvTranspose, conv_transpose
from upsample.views import Scatter, Steps, SubPixel, scatter, steps, subpixel, turned

__all__ = [
    "Checkerboard",
    "ConvTranspose",
    "Decoding",
    "Encoding",
    "Enlargement",
    "Gradients",
    "LearnedKernel",
    "MissedResponses",
    "Scatter",
    "Steps",
    "SubPixel",
    "Switches",
    "bilinear_kernel",
    "checkerboard",
    "conv",
    "conv_gradients",
    "conv_output_shape",
    "conv_transpose",
    "conv_transpose_gradients",
    "convert_map",
    "convert_weight",
    "convolution_matrix",
    "cubic_kernel",
    "decode",
    "descend_kernel",
    "encode",
    "enlarge",
    "explain",
    "icnr",
    "interpolate",
    "jax_padding",
    "keras_padding",
    "learn_kernel",
    "learned_kernel",
    "max_pool",
    "max_unpool",
    "missed_responses",
    "nearest_kernel",
    "onnx_padding",
    "output_shape",
    "overlap_map",
    "padding_for",
    "pixel_shuffle",
    "pixel_unshuffle",
    "scatter",
    "steps",
    "subpixel",
    "turned",
]
