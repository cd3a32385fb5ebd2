"""Transposed convolution: the deconvolution of deep learning."""

from upsample.convolution import conv
from upsample.shapes import conv_output_shape, output_shape, padding_for
from upsample.transposed_conv import ConvTranspose, conv_transpose

__all__ = ["ConvTranspose", "conv", "conv_output_shape", "conv_transpose", "output_shape", "padding_for"]
