"""Transposed convolution: the deconvolution of deep learning."""
