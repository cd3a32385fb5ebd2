"""What learning returns: a weight, how to apply it, and how well it explains what it learned from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from upsample.checks import Array, finite
from upsample.learning.alignment import Alignment
from upsample.learning.normal_equations import NormalEquations
from upsample.transposed_conv import conv_transpose


@dataclass(frozen=True, eq=False)
class LearnedKernel:
    """Weights of a transposed convolution that pairs of maps taught, and how well they explain them.

    Attributes
    ----------
    weight : (C, out / groups, *kernel) array
        For `conv_transpose`, in PyTorch's layout.
    stride : tuple of int
        Of the layer; its output is stride * size.
    padding : tuple of (begin, end) pairs
        The crop: (size - stride) / 2, the smaller half first.
    groups : int
        Groups of channels.
    border : str
        What was taken for the outside of the small maps.
    training_error : float
        Mean squared error on the pairs.
    start_error : float
        The same of the kernel that learning started from, the bilinear one unless another was given.
    explained_variance : float
        1 - training error / variance of the large maps.
    curve : (steps + 1,) array
        Training error from the start after every step of a descent; start and end alone of an exact solution.
    """

    weight: Array
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    groups: int
    border: str
    training_error: float
    start_error: float
    explained_variance: float
    curve: Array

    @classmethod
    def of(cls, equations: NormalEquations, weight: Array, *, curve: Sequence[float]) -> "LearnedKernel":
        """Return the record of a weight for the pairs that the equations sum up."""
        layer = equations.layer
        return cls(
            weight=weight,
            stride=layer.alignment.stride,
            padding=layer.alignment.padding,
            groups=layer.groups,
            border=layer.border,
            training_error=curve[-1],
            start_error=curve[0],
            explained_variance=1 - curve[-1] / equations.variance if equations.variance > 0 else 0.0,
            curve=np.array(curve),
        )

    def __call__(self, x: ArrayLike) -> Array:
        """Return the layer's output for x (N, C, *spatial) or (C, *spatial), with the border that it learned with."""
        alignment = Alignment.of(self.weight.shape[2:], self.stride)
        bordered = alignment.bordered(finite(x, "x"), self.border)
        crop = alignment.bordered_padding
        return conv_transpose(bordered, self.weight, stride=self.stride, padding=crop, groups=self.groups)
