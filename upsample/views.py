"""Three more ways to see a transposed convolution, each with its stages kept so that they can be shown.

`steps`: insert zeros, add a border, crop, convolve with stride 1 and the kernel turned by 180 degrees.
`scatter`: one kernel copy per input sample, summed where copies overlap, then cropped (one dimension).
`subpixel`: convolve at low resolution, one channel per phase, then shuffle the phases together.
"""

from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from upsample.checks import (
    Array,
    InvalidValue,
    bias_vector,
    divisible,
    finite,
    kept_dtype,
    kernel_weight,
    whole,
    within_range,
    working_dtype,
)
from upsample.convolution import conv
from upsample.forms.geometry import Axis, trailing
from upsample.forms.phases import phase_range, phase_weights, shifts
from upsample.shuffle import pixel_shuffle
from upsample.transposed_conv import ConvTranspose, Settings


@dataclass(frozen=True, eq=False)
class Steps:
    """The stages of a transposed convolution done as an ordinary one; `result` equals `conv_transpose`.

    Attributes
    ----------
    zero_inserted : array
        stride - 1 zeros between neighbouring samples.
    bordered : array
        dilation * (kernel - 1) zeros round it.
    cropped : array
        `padding` samples removed from each side; less output_padding at the end.
    kernel : (out, in / groups, *kernel) array
        The weight turned by 180 degrees, as `conv` wants it. Turning it is the step most explanations leave out;
        it goes unnoticed with symmetric kernels.
    result : array
        The stride-1 convolution of `cropped` with `kernel`.
    """

    zero_inserted: Array
    bordered: Array
    cropped: Array
    kernel: Array
    result: Array

    @property
    def sizes(self) -> dict[str, tuple[int, ...]]:
        """The spatial size of every stage, in order."""
        n = self.kernel.ndim - 2
        names = ("zero_inserted", "bordered", "cropped", "result")
        return {name: getattr(self, name).shape[-n:] for name in names}


def steps(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None, **settings: Unpack[Settings]) -> Steps:
    """conv_transpose(x, weight) = conv(crop(border(insert_zeros(x))), turned weight), stage by stage

    Parameters
    ----------
    x, weight, bias, **settings
        As in `conv_transpose`: stride, padding, output_padding, output_size, dilation, groups.

    Returns
    -------
    Steps
        Every stage as an array.

    Raises
    ------
    TypeError, ValueError
        As `conv_transpose`.

    Notes
    -----
    For looking at: the inserted zeros take stride ** axes times the map's memory, and are multiplied.

    References
    ----------
    V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016, section 4.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(1.0, 10.0).reshape(1, 3, 3)
    >>> weight = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> shown = steps(x, weight, stride=2, padding=1)
    >>> shown.sizes
    {'zero_inserted': (5, 5), 'bordered': (7, 7), 'cropped': (5, 5), 'result': (4, 4)}
    >>> shown.result
    array([[[ 4.,  6.,  8.,  9.],
            [ 8.,  5., 10.,  6.],
            [16., 15., 20., 18.],
            [14.,  8., 16.,  9.]]])
    """
    x, layer, axes = _laid_out(x, weight, bias, settings)
    lead = x.shape[: -len(axes)]
    inserted = np.zeros((*lead, *((a.small - 1) * a.stride + 1 for a in axes)), x.dtype)
    inserted[trailing(*(slice(None, None, a.stride) for a in axes))] = x
    border = [(a.reach - 1, a.reach - 1) for a in axes]
    bordered = _resized(inserted, border)
    cropped = _resized(bordered, [(-a.begin, -a.end) for a in axes])
    kernel = turned(layer.weight, groups=layer.groups)
    result = conv(cropped, kernel, bias, dilation=layer.dilation, groups=layer.groups)
    return Steps(zero_inserted=inserted, bordered=bordered, cropped=cropped, kernel=kernel, result=result)


def turned(weight: ArrayLike, *, groups: int = 1) -> Array:
    """Return a transposed-convolution weight turned by 180 degrees, its channels in the order `conv` takes.

    (in, out / groups, *kernel) becomes (out, in / groups, *kernel). Only the kernel is turned; what is transposed
    in a transposed convolution is the matrix.

    Parameters
    ----------
    weight : (in, out / groups, *kernel) array
    groups : int >= 1
        Groups of channels.

    Returns
    -------
    (out, in / groups, *kernel) array
        In the dtype of `weight`.

    Raises
    ------
    TypeError
        Where `weight` is not floating or `groups` is no integer.
    ValueError
        Where the shape is no weight's, `groups` does not divide the input channels, or a tap is not finite.

    Notes
    -----
    Turning twice with the same groups gives the weight back.

    Examples
    --------
    >>> import numpy as np
    >>> turned(np.array([[[1.0, 2.0, 3.0]]]))
    array([[[3., 2., 1.]]])
    """
    kernel = finite(weight, "weight")
    kernel_weight(kernel, "in", "out/groups")
    divisible(kernel.shape[0], "the input channels (weight.shape[0])", whole(groups, "groups", 1))
    split = kernel.reshape(groups, -1, *kernel.shape[1:]).swapaxes(1, 2)
    return np.flip(split.reshape(-1, *split.shape[2:]), tuple(range(2, kernel.ndim)))


@dataclass(frozen=True, eq=False)
class Scatter:
    """Kernel copies of a one-dimensional transposed convolution.

    Attributes
    ----------
    copies : (inputs, full) array
        Row i is the kernel times x[i], placed at stride * i.
    full : (full,) array
        The sum of the rows.
    result : array
        `full` after the crop; equals `conv_transpose`.
    """

    copies: Array
    full: Array
    result: Array


@within_range
def scatter(x: ArrayLike, kernel: ArrayLike, **settings: Unpack[Settings]) -> Scatter:
    """full[stride*i + dilation*t] += x[i] * kernel[t]; result = full cropped by the padding

    Parameters
    ----------
    x : (inputs,) array
    kernel : (kernel,) array
    **settings
        As in `conv_transpose`, without groups.

    Returns
    -------
    Scatter
        The kernel copies, their sum, and the result.

    Raises
    ------
    TypeError, ValueError
        As `conv_transpose`, and where `x` or `kernel` has more than one axis.

    Notes
    -----
    For looking at: the copies take inputs * outputs samples.

    Examples
    --------
    >>> import numpy as np
    >>> shown = scatter(np.array([1.0, 10.0, 100.0]), np.array([2.0, 3.0, 5.0]), stride=2, padding=1)
    >>> shown.full
    array([  2.,   3.,  25.,  30., 250., 300., 500.])
    >>> shown.result
    array([  3.,  25.,  30., 250., 300.])
    """
    x, kernel = finite(x, "x"), finite(kernel, "kernel")
    if x.ndim != 1 or kernel.ndim != 1:
        raise InvalidValue(f"x and kernel must have one axis each, got shapes {x.shape} and {kernel.shape}")
    _, _, (axis,) = _laid_out(x[None], kernel[None, None], None, settings)
    copies = np.zeros((axis.small, axis.full), working_dtype(x, kernel))
    for i, row in enumerate(copies):
        row[i * axis.stride : i * axis.stride + axis.reach : axis.dilation] = x[i] * kernel
    full = copies.sum(axis=0)
    result = _resized(full, [(-axis.begin, -axis.end)]).astype(kept_dtype(x, full.dtype))
    return Scatter(copies, full, result)


@dataclass(frozen=True, eq=False)
class SubPixel:
    """A transposed convolution as a convolution at low resolution followed by a pixel shuffle.

    Attributes
    ----------
    kernel : (out * phases, in / groups, *taps) array
        For `conv`; the phases of one output channel are neighbours (order "CRD").
    padding : tuple of (begin, end) pairs
        For `conv`.
    phases : array
        conv(x, kernel, padding=padding, groups=groups).
    shuffled : array
        pixel_shuffle(phases, stride).
    result : array
        `shuffled` cropped to the output, plus the bias; equals `conv_transpose`.
    """

    kernel: Array
    padding: tuple[tuple[int, int], ...]
    phases: Array
    shuffled: Array
    result: Array


@within_range
def subpixel(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None, **settings: Unpack[Settings]) -> SubPixel:
    """conv_transpose(x, weight) = crop(pixel_shuffle(conv(x, phase kernels), stride))

    No inserted zero is multiplied. "Sub-pixel convolution" in the literature means this form, not the
    zero-inserted one; after sorting the taps by phase both are the same operation.

    Parameters
    ----------
    x, weight, bias, **settings
        As in `conv_transpose`: stride, padding, output_padding, output_size, dilation, groups.

    Returns
    -------
    SubPixel
        The kernel by phases, and every stage as an array.

    Raises
    ------
    TypeError, ValueError
        As `conv_transpose`.

    Notes
    -----
    As many products as `conv_transpose` by phases, but each stage is kept: stride ** axes maps at low resolution.

    References
    ----------
    W. Shi et al., Is the deconvolution layer the same as a convolutional layer?, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> shown = subpixel(np.array([[1.0, 10.0]]), np.array([[[1.0, 2.0, 3.0, 4.0]]]), stride=2)
    >>> shown.phases
    array([[ 1., 13., 30.],
           [ 2., 24., 40.]])
    >>> shown.result
    array([[ 1.,  2., 13., 24., 30., 40.]])
    """
    x, layer, axes = _laid_out(x, weight, bias, settings)
    groups, out = layer.groups, layer.weight.shape[1]
    strides, n = [a.stride for a in axes], len(axes)
    spans = [range(shifts(a)[-1] + 1) for a in axes]
    split = phase_weights(layer.weight.reshape(groups, -1, *layer.weight.shape[1:]), axes, spans)
    # (G, M, *phases, *shifts, C) -> (G * M * phases, C, *shifts); shift u reads x[q - u], hence turned.
    kernel = np.moveaxis(split, -1, 2 + n).reshape(-1, split.shape[-1], *(len(s) for s in spans))
    kernel = np.flip(kernel, tuple(range(2, kernel.ndim)))
    ranges = [phase_range(a) for a in axes]
    padding = tuple((s[-1] - q0, q1 - a.small) for s, (q0, q1), a in zip(spans, ranges, axes, strict=True))
    phases = conv(x, kernel, padding=padding, groups=groups)
    shuffled = pixel_shuffle(phases, strides, axes=n)
    starts = [a.begin - q0 * a.stride for a, (q0, _) in zip(axes, ranges, strict=True)]
    result = shuffled[trailing(*(slice(b, b + a.large) for b, a in zip(starts, axes, strict=True)))]
    vector = bias_vector(bias, groups * out, result.dtype)
    if vector is not None:
        result = result + vector.reshape(-1, *(1,) * n)
    return SubPixel(kernel=kernel, padding=padding, phases=phases, shuffled=shuffled, result=result)


def _laid_out(
    x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None, settings: Settings
) -> tuple[Array, ConvTranspose, tuple[Axis, ...]]:
    """Check everything as `conv_transpose` does, and return the geometry instead of the result."""
    fixed = settings.copy()
    size = fixed.pop("output_size", None)
    layer = ConvTranspose(weight, bias, **fixed)  # type: ignore[misc]
    maps = finite(x, "x")
    return maps, layer, layer.axes(maps, size)


def _resized(x: Array, pairs: list[tuple[int, int]]) -> Array:
    """Add zeros (positive numbers) or remove samples (negative ones) at both ends of the last axes."""
    grown = np.pad(x, [(0, 0)] * (x.ndim - len(pairs)) + [(max(b, 0), max(e, 0)) for b, e in pairs])
    ends = (size + min(e, 0) for size, (_, e) in zip(grown.shape[-len(pairs) :], pairs, strict=True))
    return grown[trailing(*(slice(max(-b, 0), end) for (b, _), end in zip(pairs, ends, strict=True)))]
