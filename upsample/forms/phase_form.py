"""Transposed convolution by phases: gather the few taps of every phase, one matrix product, interleave.

Fast where channels are many on both sides, where there is one channel per group, and where stride == kernel.
Shifted copies of a zero-bordered map are contiguous slices once its axes are flattened, so gathering is
plain copying; the samples that wrap round the border are computed and thrown away.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from typing import TypeAlias

import numpy as np

from upsample.checks import Array
from upsample.forms.blocks import WORKSPACE, Range, blocks, zero_bordered
from upsample.forms.geometry import Axis, trailing
from upsample.forms.phases import phase_range, phase_weights, shifts

Run: TypeAlias = tuple[slice, slice, slice]
_WHOLE_STRIDES = 8  # from this stride on, samples are interleaved a whole stride at a time


def pack(weight: Array, axes: Sequence[Axis]) -> Array:
    """Return weight (G, C, M, *kernel) as matrices (G, M * phases, shifts * C) for `by_phases`."""
    groups, _, out = weight.shape[:3]
    phases = math.prod(axis.stride for axis in axes)
    return phase_weights(weight, axes, [shifts(a) for a in axes]).reshape(groups, out * phases, -1)


def by_phases(x: Array, packed: Array, bias: Array | None, axes: Sequence[Axis], y: Array) -> None:
    """Fill y (G, M, N, *large) with the transposed convolution of x (G, C, N, *small)."""
    # The batch is one more spatial axis, of kernel 1: small maps then share one large matrix product.
    axes = (Axis(small=x.shape[2], large=x.shape[2], kernel=1, stride=1, dilation=1, begin=0), *axes)
    groups, channels = x.shape[:2]
    first = [phase_range(axis)[0] for axis in axes]
    count = [phase_range(axis)[1] - q for axis, q in zip(axes, first, strict=True)]
    halo = [shifts(axis)[-1] for axis in axes]
    rows, columns = packed.shape[1:]
    room = WORKSPACE // ((rows + columns + channels) * x.itemsize)
    for group, *counted in blocks((groups, *count), room, (0, *halo)):
        ranges = [(q + a, q + b) for q, (a, b) in zip(first, counted, strict=True)]
        some = slice(*group)
        gathered = _gather(x[some], ranges, axes)
        # Rows of the product: (M, phases); columns: positions with their border, cut off below.
        part = packed[some] @ gathered.reshape(gathered.shape[0], columns, -1)
        sizes = [stop - start for start, stop in ranges]
        pitches = [size + h for size, h in zip(sizes[1:], halo[1:], strict=True)]
        part = part.reshape(len(part), y.shape[1], *(axis.stride for axis in axes), sizes[0], *pitches)
        part = part[trailing(*(slice(0, size) for size in sizes))]
        _interleave(part, None if bias is None else bias[some], ranges, axes, y[some])


def _gather(x: Array, ranges: Sequence[Range], axes: Sequence[Axis]) -> Array:
    """Return the samples x[q - u] of a block as (G, shifts * C, positions, ...)."""
    used = [shifts(axis) for axis in axes]
    bordered = zero_bordered(x, [(a - u[-1], b) for (a, b), u in zip(ranges, used, strict=True)])
    if math.prod(len(u) for u in used) == 1:
        return bordered
    shape = bordered.shape[2:]
    pitch = [math.prod(shape[i + 1 :]) for i in range(len(shape))]
    flat = bordered.reshape(*bordered.shape[:2], -1)
    size = (ranges[0][1] - ranges[0][0]) * pitch[0]
    gathered = np.empty((len(flat), math.prod(len(u) for u in used), flat.shape[1], size), x.dtype)
    for index, shift in enumerate(product(*used)):
        offset = sum((u[-1] - v) * p for u, v, p in zip(used, shift, pitch, strict=True))
        length = min(size, flat.shape[2] - offset)
        gathered[:, index, :, :length] = flat[:, :, offset : offset + length]
        gathered[:, index, :, length:] = 0
    return gathered


def _interleave(part: Array, bias: Array | None, ranges: Sequence[Range], axes: Sequence[Axis], y: Array) -> None:
    """Write part (G, M, *phases, *positions) to the outputs stride * q + r - begin of y (G, M, *large)."""
    n = len(axes)
    # Long inner loops: the last axis goes phase by phase unless its stride is long enough by itself.
    runs = [list(_whole_strides(*r, axis)) for r, axis in zip(ranges[:-1], axes[:-1], strict=True)]
    last = _whole_strides if axes[-1].stride >= _WHOLE_STRIDES else _single_phases
    runs.append(list(last(*ranges[-1], axes[-1])))
    order = (0, 1, *(i for axis in range(n) for i in (2 + n + axis, 2 + axis)))
    for piece in product(*runs):
        phases, positions, outputs = zip(*piece, strict=True)
        source = part[:, :, *phases, *positions].transpose(order)
        target = y[:, :, *outputs].reshape(source.shape)  # splitting axes: always a view
        if bias is None:
            target[...] = source
        else:
            np.add(source, bias.reshape(*bias.shape, *(1,) * (2 * n)), out=target)


def _single_phases(start: int, stop: int, axis: Axis) -> Iterator[Run]:
    """Yield (phases, positions, outputs) of one phase after the other for positions [start, stop)."""
    for phase in range(axis.stride):
        q0 = max(start, -((phase - axis.begin) // axis.stride))
        q1 = min(stop, -(-(axis.large + axis.begin - phase) // axis.stride))
        if q0 < q1:
            output = q0 * axis.stride + phase - axis.begin
            outputs = slice(output, output + (q1 - q0 - 1) * axis.stride + 1, axis.stride)
            yield slice(phase, phase + 1), slice(q0 - start, q1 - start), outputs


def _whole_strides(start: int, stop: int, axis: Axis) -> Iterator[Run]:
    """Yield (phases, positions, outputs): the whole strides among positions [start, stop), and cut ones."""
    low = max(start * axis.stride, axis.begin)
    high = min(stop * axis.stride, axis.begin + axis.large)
    edges = {low, -(-low // axis.stride) * axis.stride, high // axis.stride * axis.stride, high}
    cuts = sorted(edge for edge in edges if low <= edge <= high)
    for a, b in pairwise(cuts):
        q = a // axis.stride
        whole = max((b - a) // axis.stride, 1)
        phases = slice(a % axis.stride, a % axis.stride + (b - a) // whole)
        yield phases, slice(q - start, q - start + whole), slice(a - axis.begin, b - axis.begin)
