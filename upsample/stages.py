"""Stage by stage, down and up again: convolution + max pooling, then unpooling + deconvolution.

The encoder of a lecture's segmentation network halves the map as often as it pools and remembers where each
maximum was (its switches); the decoder unpools by those switches, in reverse order, and deconvolves. Odd sizes
return exactly, because every stage also remembers its size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upsample.checks import Array, InvalidValue, PerAxis, finite, whole, within_range
from upsample.convolution import conv
from upsample.forms.geometry import trailing
from upsample.pooling import max_pool, max_unpool
from upsample.transposed_conv import conv_transpose


@dataclass(frozen=True, eq=False)
class Switches:
    """What unpooling needs of one pooling stage.

    Attributes
    ----------
    indices : array of int64
        Where the maxima were, as `max_pool` returns them.
    size : tuple of int
        Spatial size of what was pooled.
    pool : int, or one per axis
        Window and stride.
    """

    indices: NDArray[np.int64]
    size: tuple[int, ...]
    pool: PerAxis


@dataclass(frozen=True, eq=False)
class Encoding:
    """Result of `encode`.

    Attributes
    ----------
    features : array
        The last map.
    convolved : tuple of array
        Per stage, the map before it was pooled.
    switches : tuple of Switches
        Per stage, what unpooling needs.
    """

    features: Array
    convolved: tuple[Array, ...]
    switches: tuple[Switches, ...]


@dataclass(frozen=True, eq=False)
class Decoding:
    """Result of `decode`.

    Attributes
    ----------
    features : array
        The last map.
    unpooled : tuple of array
        Per stage, the map with its values where the maxima were, and zeros between.
    deconvolved : tuple of array
        Per stage, the same map filled by the transposed convolution.
    """

    features: Array
    unpooled: tuple[Array, ...]
    deconvolved: tuple[Array, ...]


def encode(x: ArrayLike, weights: Sequence[ArrayLike], *, pool: PerAxis = 2) -> Encoding:
    """For every weight: conv with padding "same", then max_pool.

    Parameters
    ----------
    x : (N, C, *spatial) or (C, *spatial) real floating array
    weights : sequence of (out, in, *kernel) arrays, first stage first
    pool : int >= 1, or one per axis
        Window and stride of the pooling.

    Returns
    -------
    Encoding
        The last map, and what every stage leaves for `decode`.

    Raises
    ------
    TypeError
        Where an array is not real and floating.
    ValueError
        Where shapes do not fit, a map becomes smaller than the window, or a sample is not finite.

    Notes
    -----
    A lecture's network without its learning: no bias, no activation, no normalisation.

    References
    ----------
    H. Noh, S. Hong and B. Han, Learning deconvolution network for semantic segmentation, 2015, section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> weight = np.ones((1, 1, 3, 3)) / 9
    >>> encode(np.zeros((1, 135, 240)), [weight, weight]).features.shape
    (1, 33, 60)
    """
    features = finite(x, "x")
    convolved, switches = [], []
    for weight in weights:
        response = conv(features, weight, padding="same")
        axes = np.ndim(weight) - 2
        features, indices = max_pool(response, pool, axes=axes)
        convolved.append(response)
        switches.append(Switches(indices, response.shape[-axes:], pool))
    return Encoding(features, tuple(convolved), tuple(switches))


def decode(features: ArrayLike, weights: Sequence[ArrayLike], switches: Sequence[Switches]) -> Decoding:
    """For every stage, last one first: max_unpool to the stored size, then conv_transpose with padding "same".

    Parameters
    ----------
    features : map of the shape that `encode` ended with
    weights : sequence of (in, out, *kernel) arrays, first stage first
        The encoder's own weights fit: the deconvolution is then the adjoint of its convolution.
    switches : from `encode`, first stage first

    Returns
    -------
    Decoding
        The last map, of the size that was encoded, and the maps of every stage.

    Raises
    ------
    TypeError
        Where an array is not real and floating.
    ValueError
        Where shapes do not fit, weights and switches are not equally many, or a sample is not finite.

    Notes
    -----
    It restores sizes and places, not values: what pooling dropped stays lost.

    References
    ----------
    H. Noh, S. Hong and B. Han, Learning deconvolution network for semantic segmentation, 2015, section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> weight = np.ones((1, 1, 3, 3)) / 9
    >>> coded = encode(np.zeros((1, 135, 240)), [weight, weight])
    >>> decode(coded.features, [weight, weight], coded.switches).features.shape
    (1, 135, 240)
    """
    if len(weights) != len(switches):
        raise InvalidValue(f"weights and switches must be equally many, got {len(weights)} and {len(switches)}")
    maps = finite(features, "features")
    unpooled, deconvolved = [], []
    for weight, switch in zip(reversed(weights), reversed(switches), strict=True):
        maps = max_unpool(maps, switch.indices, switch.pool, output_size=switch.size, axes=len(switch.size))
        unpooled.append(maps)
        maps = conv_transpose(maps, weight, padding="same")
        deconvolved.append(maps)
    return Decoding(maps, tuple(unpooled), tuple(deconvolved))


@dataclass(frozen=True, eq=False)
class MissedResponses:
    """Result of `missed_responses`.

    Attributes
    ----------
    responses : array
        The stride-1 convolution.
    strided : array
        What a strided convolution keeps of it: every stride-th response.
    pooled : array
        What max pooling keeps of it: the largest response of each window that starts there.
    missed : array
        pooled - strided >= 0: how much the strided convolution missed.
    """

    responses: Array
    strided: Array
    pooled: Array
    missed: Array


@within_range
def missed_responses(x: ArrayLike, weight: ArrayLike, *, stride: int = 2) -> MissedResponses:
    """Compare conv(stride) with conv(stride 1) followed by max_pool(stride), padding "same" at stride 1

    Both give the same size. The strided convolution never computes the responses between its positions (centred at
    x1, x3, ... for stride 2), so it misses a maximum that lies there; pooling after stride 1 keeps it.

    Parameters
    ----------
    x : (N, C, *spatial) or (C, *spatial) real floating array
    weight : (out, C, *kernel) array
    stride : int >= 1
        Of the strided convolution, and of the pooling.

    Returns
    -------
    MissedResponses
        Both results and their difference.

    Raises
    ------
    TypeError
        Where an array is not real and floating, or `stride` is no integer.
    ValueError
        Where shapes do not fit, `stride` is too small, or a sample is not finite.

    Notes
    -----
    Pooling pays with stride ** axes times the convolution's cost.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[0.0, 0.0, 0.0, 9.0, 0.0]])
    >>> missed_responses(x, np.array([[[0.0, 1.0, 0.0]]])).missed
    array([[0., 9., 0.]])
    """
    stride = whole(stride, "stride", 1)
    responses = conv(x, weight, padding="same")
    axes = np.ndim(weight) - 2
    strided = responses[trailing(*(slice(None, None, stride),) * axes)]
    pooled, _ = max_pool(responses, stride, ceil_mode=True, axes=axes)
    return MissedResponses(responses=responses, strided=strided, pooled=pooled, missed=pooled - strided)
