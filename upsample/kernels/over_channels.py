"""One kernel for every channel: the weight of a layer that enlarges each by itself."""

import numpy as np
from numpy.typing import NDArray

from upsample.checks import Array, InvalidValue, whole


def over_channels(kernel: Array, channels: int | None, groups: int | None) -> Array:
    """Return the kernel, or a weight that applies it to every channel."""
    if channels is None:
        if groups is not None:
            raise InvalidValue(f"groups needs channels, got groups {groups}")
        return kernel
    channels = whole(channels, "channels", 1)
    groups = channels if groups is None else whole(groups, "groups", 1)
    if channels % groups:
        raise InvalidValue(f"groups must divide channels, got groups {groups} and {channels} channels")
    own: NDArray[np.float64] = np.eye(channels // groups)
    return np.multiply.outer(np.tile(own, (groups, 1)), kernel)
