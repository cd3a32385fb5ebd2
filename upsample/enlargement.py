"""Enlarge a map from start to end: kernel by name or array, any layout, with all that explains the result."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from upsample._checkerboard import Checkerboard, checkerboard
from upsample.checks import Array, InvalidValue, Padding, PerAxis, TooManySamples, finite, per_axis, whole
from upsample.forms.geometry import Axis, Pairs, transpose_axes
from upsample.frameworks import convert_map, convert_weight
from upsample.kernels.by_name import KERNELS, kernel_size
from upsample.shapes import explain
from upsample.transposed_conv import ConvTranspose
from upsample.views import Steps, steps

_AXES = 2
_LIMIT = 1 << 28


@dataclass(frozen=True, eq=False)
class Enlargement:
    """Result of `enlarge`, with what is needed to show how it came about.

    Attributes
    ----------
    result : array
        The enlarged map, with the axes of the given one.
    map : (C, H, W) or (N, C, H, W) array
        The input of the transposed convolution: channels first, its border repeated where that was asked for.
    weight : (C, out / groups, *kernel) array
        The kernel as a weight for these channels.
    stride : tuple of int
        Distance between the kernel copies; by these four settings conv_transpose(map, weight) gives the result.
    padding : tuple of (begin, end) pairs
        The crop.
    dilation : tuple of int
        Distance between neighbouring taps.
    groups : int
        Groups of channels.
    """

    result: Array
    map: Array
    weight: Array
    stride: tuple[int, ...]
    padding: Pairs
    dilation: tuple[int, ...]
    groups: int

    @property
    def steps(self) -> Steps:
        """The four stages, see `upsample.steps`."""
        return steps(self.map, self.weight, **self._settings, groups=self.groups)

    @property
    def explanation(self) -> str:
        """The size of every stage and the formula, see `upsample.explain`."""
        return explain(self.map.shape[-_AXES:], self.weight.shape[2:], **self._settings)

    @property
    def diagnosis(self) -> Checkerboard:
        """Whether the weight leaves a checkerboard, see `upsample.checkerboard`."""
        return checkerboard(self.weight, self.stride, dilation=self.dilation)

    @property
    def _settings(self) -> dict[str, Any]:
        return {"stride": self.stride, "padding": self.padding, "dilation": self.dilation}


def enlarge(
    x: ArrayLike,
    kernel: str | ArrayLike = "bilinear",
    *,
    stride: PerAxis = 2,
    padding: Padding | None = None,
    output_padding: PerAxis = 0,
    output_size: PerAxis | None = None,
    dilation: PerAxis = 1,
    groups: int | None = None,
    layout: str = "torch",
    border: str | None = None,
    limit: int = _LIMIT,
) -> Enlargement:
    """conv_transpose with a kernel by name or array, on a map with or without channels and batch

    Parameters
    ----------
    x : (H, W), (C, H, W) or (N, C, H, W) floating or complex array; channels last in the other layouts
    kernel : "bilinear", "nearest", "cubic", "learned", or an array
        A name, a bare (k, k) kernel, or the weight of a single channel enlarges every channel by itself; any other
        array with four axes is a weight in the layout named.
    stride, output_padding, output_size, dilation
        As in `conv_transpose`.
    padding : as in `conv_transpose`, optional
        By default (kernel - stride) / 2 for a named kernel, which gives stride * size, and 0 for an array.
    groups : int, optional
        For a weight with four axes only; 1 by default.
    layout : see `convert_weight`
    border : "replicate" or "zero", optional
        What lies outside the map: by default its repeated edge for a named kernel, which makes the result equal
        to resizing, and zeros for an array.
    limit : int
        Largest number of samples of the output, of the map with its edge repeated, and of the weights that a named
        or bare kernel becomes: more are refused before allocating.

    Returns
    -------
    Enlargement
        The enlarged map, in the layout and precision of `x`, and what shows how it came about.

    Raises
    ------
    TypeError, ValueError
        As `conv_transpose`, and where a word is unknown or the output would exceed `limit`.

    See Also
    --------
    conv_transpose : the bare layer.
    interpolate : enlargement alone, in 1 to 3 dimensions.

    Notes
    -----
    The stages and the diagnosis are worked out when they are asked for. Nothing is restored: detail that the map
    does not hold does not come back, whatever the kernel.

    References
    ----------
    J. Long, E. Shelhamer and T. Darrell, Fully convolutional networks for semantic segmentation, 2015, section 3.3.

    Examples
    --------
    >>> import numpy as np
    >>> enlargement = enlarge(np.array([[0.0, 4.0], [0.0, 4.0]]))
    >>> enlargement.result[0]
    array([0., 1., 3., 4.])
    >>> print(enlargement.explanation.splitlines()[-1])
    axis 1: (4 - 1) * 2 + 1 * (4 - 1) + 1 - 3 - 3 = 4
    """
    return plan_enlargement(
        x,
        kernel,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        output_size=output_size,
        dilation=dilation,
        groups=groups,
        layout=layout,
        border=border,
        limit=limit,
    ).carried_out()


@dataclass(frozen=True, eq=False)
class Plan:
    """An enlargement that has been checked, and of which nothing has been computed.

    `map` and `weight` as in `Enlargement`; `layout` is that of the map that was given, None where it had no channels.
    """

    map: Array
    weight: Array
    stride: tuple[int, ...]
    padding: Pairs
    dilation: tuple[int, ...]
    groups: int
    layout: str | None

    @property
    def channels(self) -> int:
        """Return how many channels come out."""
        return self.weight.shape[1] * self.groups

    @property
    def is_complex(self) -> bool:
        """Return whether complex samples come out."""
        return np.iscomplexobj(self.map) or np.iscomplexobj(self.weight)

    @property
    def _layer(self) -> ConvTranspose:
        return ConvTranspose(
            self.weight, stride=self.stride, padding=self.padding, dilation=self.dilation, groups=self.groups
        )

    def check(self) -> None:
        """Refuse a weight that does not fit the map."""
        self._layer.axes(self.map, None)

    def carried_out(self) -> Enlargement:
        """Return the enlargement."""
        y = self._layer(self.map)
        if self.layout is None:
            result = y[0] if len(y) == 1 else y
        else:
            result = convert_map(y, "torch", self.layout, axes=_AXES)
        settings = {name: getattr(self, name) for name in ("map", "weight", "stride", "padding", "dilation", "groups")}
        return Enlargement(result=result, **settings)


def plan_enlargement(
    x: ArrayLike,
    kernel: str | ArrayLike,
    *,
    stride: PerAxis,
    padding: Padding | None,
    output_padding: PerAxis,
    output_size: PerAxis | None,
    dilation: PerAxis,
    groups: int | None,
    layout: str,
    border: str | None,
    limit: int,
) -> Plan:
    """Check all that `enlarge` is given, and return what it would do."""
    x = finite(x, "x")
    if x.ndim not in (2, 3, 4):
        raise InvalidValue(f"x must be (H, W), (C, H, W) or (N, C, H, W), got shape {x.shape}")
    maps = x[None] if x.ndim == _AXES else convert_map(x, layout, axes=_AXES)
    strides, dilations = per_axis(stride, "stride", _AXES, 1), per_axis(dilation, "dilation", _AXES, 1)
    layer = kernel if isinstance(kernel, str) else _torch_layout(finite(kernel, "kernel"), layout)
    if not isinstance(layer, str) and layer.shape[:-_AXES] == (1, 1) and groups is None:
        layer = layer[0, 0]
    sizes = _kernel_size(layer, strides)
    named, channels = isinstance(layer, str), maps.shape[-_AXES - 1]
    groups = _groups_for(layer, groups, channels)
    if padding is None:
        padding = [(k - s) // 2 for k, s in zip(sizes, strides, strict=True)] if named else 0
    axes = transpose_axes(
        maps.shape[-_AXES:],
        sizes,
        stride=strides,
        padding=padding,
        output_padding=output_padding,
        output_size=output_size,
        dilation=dilations,
    )
    out = channels if isinstance(layer, str) or layer.ndim == _AXES else layer.shape[1] * groups
    border = border or ("replicate" if named else "zero")
    edges = _edges(axes, border)
    _within_limit("output", (*maps.shape[: -_AXES - 1], out, *(a.large for a in axes)), limit)
    _within_limit("map with its edge repeated", _grown(maps.shape, edges), limit)
    if isinstance(layer, str) or layer.ndim == _AXES:
        _within_limit("kernel", (channels, 1, *sizes), limit)
    weight = KERNELS[layer](strides, axes=_AXES) if isinstance(layer, str) else layer
    if weight.ndim == _AXES:
        weight = np.broadcast_to(weight, (channels, 1, *sizes)).copy()
    maps, pairs = _with_border(maps, axes, edges)
    plan = Plan(
        map=maps,
        weight=weight,
        stride=strides,
        padding=pairs,
        dilation=dilations,
        groups=groups,
        layout=None if x.ndim == _AXES else layout,
    )
    plan.check()
    return plan


def _torch_layout(weight: Array, layout: str) -> Array:
    if weight.ndim not in (_AXES, _AXES + 2):
        raise InvalidValue(f"kernel must be (k, k) or a weight with four axes, got shape {weight.shape}")
    return weight if weight.ndim == _AXES else convert_weight(weight, layout)


def _kernel_size(kernel: str | Array, strides: tuple[int, ...]) -> tuple[int, ...]:
    if not isinstance(kernel, str):
        return kernel.shape[-_AXES:]
    if kernel not in KERNELS:
        raise InvalidValue(f"kernel must be an array or one of {tuple(KERNELS)}, got {kernel!r}")
    return kernel_size(kernel, strides)


def _groups_for(kernel: str | Array, groups: int | None, channels: int) -> int:
    """Return the groups: every channel by itself for a name or a bare kernel."""
    if not isinstance(kernel, str) and kernel.ndim > _AXES:
        return 1 if groups is None else whole(groups, "groups", 1)
    if groups not in (None, channels):
        raise InvalidValue(f"groups must be left out for a bare kernel, got {groups}")
    return channels


def _edges(axes: tuple[Axis, ...], border: str) -> tuple[int, ...]:
    """Return how often the edge must be repeated along each axis to reach as far as the kernel."""
    if border not in ("replicate", "zero"):
        raise InvalidValue(f"border must be 'replicate' or 'zero', got {border!r}")
    return tuple((a.reach - 1) // a.stride if border == "replicate" else 0 for a in axes)


def _grown(shape: tuple[int, ...], edges: tuple[int, ...]) -> tuple[int, ...]:
    return (*shape[:-_AXES], *(n + 2 * e for n, e in zip(shape[-_AXES:], edges, strict=True)))


def _with_border(maps: Array, axes: tuple[Axis, ...], edges: tuple[int, ...]) -> tuple[Array, Pairs]:
    """Return the map with its edge repeated, and the crop that then fits."""
    pairs = tuple((a.begin + e * a.stride, a.end + e * a.stride) for a, e in zip(axes, edges, strict=True))
    if any(edges):
        maps = np.pad(maps, [(0, 0)] * (maps.ndim - _AXES) + [(e, e) for e in edges], mode="edge")
    return maps, pairs


def _within_limit(what: str, shape: Sequence[int], limit: int) -> None:
    if math.prod(shape) > limit:
        raise TooManySamples(f"{what} must have at most {limit} samples, got {' x '.join(map(str, shape))}")
