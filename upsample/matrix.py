"""The matrix view: convolution written out as a sparse matrix C, its transpose as C'."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from upsample.checks import Array, Index, InvalidValue, Padding, PerAxis, divisible, finite, lengths, whole
from upsample.forms.geometry import Axis, conv_axes, taps


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

    Notes
    -----
    For looking at and for tests: it stores every tap of every position, outputs * in / groups * taps numbers with their
    indices, and multiplying by it is slower than `conv`.

    References
    ----------
    V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016, section 4.1.

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
    shape = lengths(input_shape, "input_shape")
    if kernel.ndim == len(shape):
        kernel, shape = kernel[None, None], (1, *shape)
    if kernel.ndim != len(shape) + 1 or not 2 <= len(shape) <= 4:
        raise InvalidValue(
            "weight must be a bare kernel with as many axes as input_shape, or (out, in/groups, *kernel) for an "
            f"input_shape (C, *spatial), got weight shape {kernel.shape} and input_shape {tuple(input_shape)}"
        )
    groups = whole(groups, "groups", 1)
    divisible(shape[0], "the input channels (input_shape[0])", groups)
    divisible(kernel.shape[0], "the output channels (weight.shape[0])", groups)
    if kernel.shape[1] * groups != shape[0]:
        raise InvalidValue(
            f"weight must be (out, in/groups, *kernel) with in/groups = {shape[0] // groups}, got shape {kernel.shape}"
        )
    if kernel.size == 0:
        raise InvalidValue(f"weight must have no empty axis, got shape {kernel.shape}")
    axes = conv_axes(shape[1:], kernel.shape[2:], stride, padding, dilation)
    return _assembled(kernel.astype(np.result_type(kernel, np.float32), copy=False), axes, groups)


def _assembled(kernel: Array, axes: Sequence[Axis], groups: int) -> sparse.csr_array:
    """Place every weight at all pairs of positions that its tap links."""
    small, large = math.prod(axis.small for axis in axes), math.prod(axis.large for axis in axes)
    out, inner = kernel.shape[:2]
    outputs, inputs = np.indices((out, inner)).reshape(2, -1)
    inputs += outputs // (out // groups) * inner
    rows, columns, values = [], [], []
    for tap in taps(axes):
        near, far = _linked(axes, tap)
        here: Index = (slice(None), slice(None), *tap)
        rows.append(np.add.outer(outputs * small, near).ravel())
        columns.append(np.add.outer(inputs * large, far).ravel())
        values.append(np.repeat(kernel[here].ravel(), len(near)))
    places = np.concatenate(rows), np.concatenate(columns)
    matrix = sparse.csr_array((np.concatenate(values), places), shape=(out * small, inner * groups * large))
    matrix.eliminate_zeros()
    return matrix


def _linked(axes: Sequence[Axis], tap: Sequence[int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the row-major positions, small and large, that one tap links."""
    near, far = np.zeros(1, np.intp), np.zeros(1, np.intp)
    for axis, t in zip(axes, tap, strict=True):
        i, o = axis.pairs_of(t, 0, axis.small)
        near = np.add.outer(near * axis.small, np.arange(i.start, i.stop)).ravel()
        far = np.add.outer(far * axis.large, np.arange(o.start, o.stop, o.step)).ravel()
    return near, far
