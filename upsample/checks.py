"""Checks at the public edge: each says the argument, the rule and the value received."""

import functools
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ParamSpec, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[Any]
Index: TypeAlias = tuple[Any, ...]
PerAxis: TypeAlias = int | Sequence[int]
Padding: TypeAlias = int | str | Sequence[int] | Sequence[Sequence[int]]

Given = ParamSpec("Given")
Result = TypeVar("Result")

_SUPPORTED = ("float16", "float32", "float64", "complex64", "complex128")


class Refusal(Exception):
    """What was given cannot be computed with: a program may show its user the text, and no more than the text.

    Any other error is a fault of the package.
    """


class InvalidValue(Refusal, ValueError):
    """An argument of the right kind has a value that its rule forbids."""


class TooManySamples(InvalidValue):
    """What would come out holds more samples than the caller allows."""


class InvalidType(Refusal, TypeError):
    """An argument is of the wrong kind."""


def floating(value: ArrayLike, name: str) -> Array:
    """Return `value` as a floating or complex array; integers are refused, for rounding would be silent."""
    array = np.asarray(value)
    if array.dtype.name not in _SUPPORTED:
        raise InvalidType(
            f"{name} must be one of {', '.join(_SUPPORTED)}, got {array.dtype}; "
            f"convert it first, for example {name}.astype(numpy.float32)"
        )
    return array


def finite(value: ArrayLike, name: str) -> Array:
    """Return `value` as a floating array without NaN or infinity, which a product would spread."""
    array = floating(value, name)
    if bad := _not_finite(array):
        raise InvalidValue(
            f"{name} must be finite, got {bad} non-finite samples; replace them first (numpy.nan_to_num)"
        )
    return array


def within_range(compute: Callable[Given, Result]) -> Callable[Given, Result]:
    """Let a function refuse a result, an array or a record of some, that leaves the range of its type.

    NumPy warns of it, or not, by how the sums were ordered and on how many threads: hence the look at the result.
    """

    @functools.wraps(compute)
    def computed(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        with np.errstate(over="ignore", invalid="ignore"):
            result = compute(*args, **kwargs)
        _require_range([result] if isinstance(result, np.ndarray) else vars(result).values())
        return result

    return computed


def peak(array: Array) -> float:
    """Return the largest magnitude of finite real samples; infinity for complex ones, which take longer."""
    if array.size == 0:
        return 0.0
    return float("inf") if array.dtype.kind == "c" else max(float(array.max()), -float(array.min()))


def _require_range(results: Iterable[Any]) -> None:
    for array in results:
        if isinstance(array, np.ndarray) and array.dtype.kind in "fc" and (bad := _not_finite(array)):
            raise InvalidValue(
                f"the result must lie in the range of {array.dtype}, got {bad} of {array.size} samples beyond it: "
                "scale x or the weight, or use a wider type"
            )


def _not_finite(array: Array) -> int:
    """Return how many samples are NaN or infinite."""
    # Summing is the cheap test; only an overflow of the sum itself needs the sample-wise one.
    with np.errstate(over="ignore", invalid="ignore"):
        total = array.sum()
    return 0 if np.isfinite(total) else array.size - int(np.count_nonzero(np.isfinite(array)))


def working_dtype(*arrays: Array) -> np.dtype[Any]:
    """Return the dtype sums run in: the precision of the first array, at least single, complex if any is."""
    dtype = np.result_type(arrays[0].dtype, np.float32)
    return np.result_type(dtype, np.complex64) if any(np.iscomplexobj(a) for a in arrays) else dtype


def kept_dtype(x: Array, work: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype of a result for `x` computed in `work`: float16 comes back as float16."""
    return x.dtype if x.dtype == np.float16 and work == np.float32 else work


def whole(value: Any, name: str, minimum: int) -> int:
    """Return `value` as a Python int of at least `minimum`."""
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        raise InvalidType(f"{name} must be an integer, got {value!r}")
    try:
        number = operator.index(value)
    except TypeError:  # an array of several
        raise InvalidType(f"{name} must be an integer, got {value!r}") from None
    if number < minimum:
        raise InvalidValue(f"{name} must be >= {minimum}, got {number}")
    return number


def lengths(value: Any, name: str) -> tuple[int, ...]:
    """Return the lengths of some axes, whole numbers >= 1."""
    if isinstance(value, str) or not np.iterable(value):
        raise InvalidType(f"{name} must be a sequence of integers, got {value!r}")
    return tuple(whole(length, name, 1) for length in value)


def per_axis(value: Any, name: str, axes: int, minimum: int) -> tuple[int, ...]:
    """Return one integer per spatial axis; a single integer stands for all of them."""
    if isinstance(value, str) or not np.iterable(value):
        return (whole(value, name, minimum),) * axes
    values = tuple(whole(v, name, minimum) for v in value)
    if len(values) != axes:
        raise InvalidValue(f"{name} must be one integer or {axes}, got {values}")
    return values


def spatial_axes(x: Array, axes: int) -> None:
    """Check that `x` is (N, C, *spatial) or (C, *spatial), 1 to 3 spatial axes, none of them empty."""
    if whole(axes, "axes", 1) > 3:
        raise InvalidValue(f"axes must be 1, 2 or 3, got {axes!r}")
    if x.ndim not in (axes + 1, axes + 2):
        raise InvalidValue(f"x must be (N, C, *spatial) or (C, *spatial) with {axes} spatial axes, got shape {x.shape}")
    if 0 in x.shape[x.ndim - axes :]:
        raise InvalidValue(f"x must have no empty spatial axis, got shape {x.shape}")


def kernel_weight(weight: Array, first: str, second: str) -> int:
    """Check that `weight` is a full convolution weight and return its number of spatial axes."""
    if not 3 <= weight.ndim <= 5:
        raise InvalidValue(
            f"weight must be ({first}, {second}, *kernel) with 1 to 3 kernel axes, got shape {weight.shape}; "
            "a bare kernel becomes a weight by weight[None, None]"
        )
    if math.prod(weight.shape[1:]) == 0 or weight.shape[0] == 0:
        raise InvalidValue(f"weight must have no empty axis, got shape {weight.shape}")
    return weight.ndim - 2


def divisible(channels: int, name: str, groups: int) -> None:
    """Check that the channels fall into equal groups."""
    if channels % groups:
        raise InvalidValue(f"groups must divide {name}, got groups {groups} and {channels} channels")


def bias_vector(bias: ArrayLike | None, channels: int, dtype: np.dtype[Any]) -> Array | None:
    """Return `bias` as one number per output channel, or None."""
    if bias is None:
        return None
    vector = finite(bias, "bias")
    if vector.shape != (channels,):
        raise InvalidValue(f"bias must be one number per output channel ({channels},), got shape {vector.shape}")
    if np.iscomplexobj(vector) and dtype.kind != "c":
        raise InvalidType("bias must be real where x and weight are real, got complex")
    with np.errstate(over="ignore"):  # the result then leaves the range too
        return vector.astype(dtype, copy=False)
