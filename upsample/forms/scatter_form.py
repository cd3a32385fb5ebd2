"""Transposed convolution by scattering: one matrix product, then each tap is added where it lands.

Needs no packed weights and multiplies no zero tap. Fast where outputs are few or the map is small beside its
weights; the plainest form, for any stride and dilation, in any number of axes.
"""

import math
from collections.abc import Sequence
from itertools import product

from upsample.checks import Array, Index
from upsample.forms.blocks import WORKSPACE, blocks
from upsample.forms.geometry import Axis


def by_scatter(x: Array, weight: Array, axes: Sequence[Axis], y: Array) -> None:
    """Add x (G, C, N, *small), transposed-convolved with (G, C, M, *kernel), to y (G, M, N, *large)."""
    groups, channels, out = weight.shape[:3]
    rows = weight.reshape(groups, channels, -1).swapaxes(1, 2)
    size = math.prod(weight.shape[3:])
    room = WORKSPACE // ((groups * rows.shape[1] + groups * channels) * x.itemsize)
    for image, *ranges in blocks(x.shape[2:], room):
        block = x[:, :, slice(*image), *(slice(*r) for r in ranges)]
        spread = (rows @ block.reshape(groups, channels, -1)).reshape(groups, out, size, *block.shape[2:])
        links = [[a.pairs_of(t, *r) for t in range(a.kernel)] for a, r in zip(axes, ranges, strict=True)]
        for index, link in enumerate(product(*links)):
            here = (slice(s.start - r[0], s.stop - r[0]) for (s, _), r in zip(link, ranges, strict=True))
            source: Index = (slice(None), slice(None), index, slice(None), *here)
            y[:, :, slice(*image), *(large for _, large in link)] += spread[source]
