"""The matrix view: convolution written out as a sparse matrix C, its transpose as C'."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from upsample._checks import Array, Index, Padding, PerAxis, divisible, finite, whole
from upsample._geometry import Axis, conv_axes, taps


def convolution_matrix(
    weight: ArrayLike,
    input_shape: Sequence[int],
    *,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> sparse.csr_array:
    """Return the sparse matrix C of a convolution: conv(x).ravel() == C @ x.ravel().

    Each row holds one position of the kernel over the input. The transpose is `conv_transpose` onto that input:
    conv_transpose(v, output_size=...).ravel() == C.T @ v.ravel(). It enlarges and is no inverse: C.T @ C is
    not the identity.

    Parameters
    ----------
    weight : (out, in / groups, *kernel) array as in `conv`, or a bare kernel with as many axes as `input_shape`
    input_shape : (C, *spatial), or *spatial for a bare kernel
    stride, padding, dilation, groups
        As in `conv`.

    Returns
    -------
    (outputs, inputs) scipy.sparse.csr_array
        One row per output sample, one column per input sample, both in row-major order, in the dtype of
        `weight` (float16 becomes float32, which SciPy needs). Zero taps are not stored.

    Raises
    ------
    TypeError
        Where `weight` is not floating.
    ValueError
        Where shapes do not fit, a setting is out of range, or the output would be empty.

    Examples
    --------
    >>> import numpy as np
    >>> mask = np.array([[0., 1, 2], [2, 2, 0], [0, 1, 2]])
    >>> C = convolution_matrix(mask, (4, 4))
    >>> C.toarray()[0]
    array([0., 1., 2., 0., 2., 2., 0., 0., 0., 1., 2., 0., 0., 0., 0., 0.])
    >>> C @ np.array([3., 3, 2, 1, 0, 0, 1, 3, 3, 1, 2, 2, 2, 0, 0, 2])
    array([12., 12., 10., 17.])
    >>> C.T @ np.array([12., 12, 10, 17])
    array([ 0., 12., 36., 24., 24., 58., 61., 34., 20., 66., 70., 24.,  0.,
           10., 37., 34.])
    """
    kernel = finite(weight, "weight")
    shape = tuple(whole(size, "input_shape", 1) for size in input_shape)
    if kernel.ndim == len(shape):
        kernel, shape = kernel[None, None], (1, *shape)
    if kernel.ndim != len(shape) + 1 or not 2 <= len(shape) <= 4:
        raise ValueError(
            "weight must be a bare kernel with as many axes as input_shape, or (out, in/groups, *kernel) for an "
            f"input_shape (C, *spatial), got weight shape {kernel.shape} and input_shape {tuple(input_shape)}"
        )
    groups = whole(groups, "groups", 1)
    divisible(shape[0], "input_shape[0], the input channels,", groups)
    divisible(kernel.shape[0], "weight.shape[0], the output channels,", groups)
    if kernel.shape[1] * groups != shape[0]:
        raise ValueError(
            f"weight must be (out, in/groups, *kernel) with in/groups = {shape[0] // groups}, got shape {kernel.shape}"
        )
    axes = conv_axes(shape[1:], kernel.shape[2:], stride, padding, dilation)
    return _assembled(kernel.astype(np.result_type(kernel, np.float32), copy=False), axes, groups)


def _assembled(kernel: Array, axes: Sequence[Axis], groups: int) -> sparse.csr_array:
    """Sum, over the taps, a block of weights (out x in) for every pair of linked positions."""
    small, large = [axis.small for axis in axes], [axis.large for axis in axes]
    channels, out = kernel.shape[1] * groups, kernel.shape[0]
    matrix = sparse.csr_array((out * math.prod(small), channels * math.prod(large)), dtype=kernel.dtype)
    for tap in taps(axes):
        positions = _linked(axes, tap)
        here: Index = (slice(None), slice(None), *tap)
        blocks = kernel[here].reshape(groups, out // groups, -1)
        across = sparse.block_diag([sparse.csr_array(block) for block in blocks])
        matrix = matrix + sparse.kron(across, positions, format="csr")
    matrix.eliminate_zeros()
    return sparse.csr_array(matrix)


def _linked(axes: Sequence[Axis], tap: Sequence[int]) -> sparse.csr_array:
    """Return the 0/1 matrix of small positions x large positions that one tap links."""
    rows, columns = np.zeros(1, int), np.zeros(1, int)
    for axis, t in zip(axes, tap, strict=True):
        near, far = axis.pairs_of(t, 0, axis.small)
        rows = np.add.outer(rows * axis.small, np.arange(near.start, near.stop)).ravel()
        columns = np.add.outer(columns * axis.large, np.arange(far.start, far.stop, far.step)).ravel()
    shape = (math.prod(a.small for a in axes), math.prod(a.large for a in axes))
    return sparse.csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
