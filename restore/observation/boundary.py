"""What lies outside the frame: from a cropped picture to a grid on which blurring is circular.

An FFT filter takes the picture for periodic. Each word below says what is put into a gap beyond the frame before the
filter runs; afterwards the frame is cut out again.

================  ===================================================================================================
word              what is assumed outside
================  ===================================================================================================
``unknown``       nothing: the blurred data there are unknowns, solved for (the default of every filter)
``unknown-fast``  the same in two thirds of the time, about 0.05 dB less
``unknown-full``  the same in a third more time, about 0.02 dB more
``periodic``      the opposite side: exactly circular data, no gap
``smooth``        a harmonic membrane stretched across the gap from one side of the frame to the opposite one
``reflect``       the mirror image about the edge sample, which is not repeated (numpy's ``reflect``)
``symmetric``     the mirror image about the edge, the edge sample repeated (numpy's ``symmetric``)
``edge``          the edge sample, continued
``zero``          zeros
``taper``         no gap: the frame's rim is blended into its own circularly blurred copy
================  ===================================================================================================

A photograph contradicts every word but the first three: padded, it rings into the middle of the frame, and with a
strength found from the data it may come out worse than it was. The others are for data that are so (``periodic`` in
simulations), for comparing, and for saving time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import fft

from restore.checks import Array, one_of
from restore.operators.fourier import filtered
from restore.operators.otf import OTF

#: What lies outside is solved for, with more or less effort.
UNKNOWN = ("unknown", "unknown-fast", "unknown-full")
BOUNDARIES = (
    *UNKNOWN,
    "periodic",
    "smooth",
    "reflect",
    "symmetric",
    "edge",
    "zero",
    "taper",
)

Frame = tuple[slice, ...]


def extend(image: Array, psf: Array, boundary: str, *, reach: int = 2) -> tuple[Array, Frame]:
    """Return `image` on a grid where blurring by `psf` may be taken as circular, and the slices of the frame in it.

    The gap is `reach` half-widths of the PSF on every side, plus what makes the size fast to transform. The spatial
    axes of `image` are its first ``psf.ndim``. With ``periodic`` the image itself comes back, not a copy.
    """
    one_of(boundary, BOUNDARIES, "boundary")
    shape = image.shape[: psf.ndim]
    if boundary == "periodic":
        return image, tuple(slice(0, n) for n in shape)
    if boundary == "taper":
        return _taper(image, psf), tuple(slice(0, n) for n in shape)
    gaps = [gap(n, k, reach) for n, k in zip(shape, psf.shape, strict=True)]
    before = [g // 2 for g in gaps]
    frame = tuple(slice(b, b + n) for b, n in zip(before, shape, strict=True))
    if boundary in (*UNKNOWN, "smooth"):
        return _membrane(image, gaps, before), frame
    width = [(b, g - b) for b, g in zip(before, gaps, strict=True)] + [(0, 0)] * (image.ndim - psf.ndim)
    return np.pad(image, width, mode=_PAD_MODES[boundary]), frame  # type: ignore[call-overload]


_PAD_MODES = {"reflect": "reflect", "symmetric": "symmetric", "edge": "edge", "zero": "constant"}


def valid_frame(shape: Sequence[int], psf_shape: Sequence[int]) -> Frame:
    """Return the part of a frame whose blur the frame determines."""
    return tuple(slice(k - 1 - k // 2, n - k // 2) for n, k in zip(shape, psf_shape, strict=True))


def grown(place: Frame, margins: Sequence[int], shape: Sequence[int]) -> Frame:
    """Return a place with so many samples more on both sides along every axis, as far as there are some."""
    return tuple(
        slice(max(side.start - m, 0), min(side.stop + m, n)) for side, m, n in zip(place, margins, shape, strict=True)
    )


def within(place: Frame, window: Frame) -> Frame:
    """Return where a place lies in a window that holds it."""
    return tuple(slice(p.start - w.start, p.stop - w.start) for p, w in zip(place, window, strict=True))


def gap(size: int, psf_size: int, reach: int) -> int:
    """Return how many samples lie between the frame and its next period: enough for the PSF, and a fast FFT size."""
    least = size + 2 * reach * (psf_size // 2)
    return int(fft.next_fast_len(least, real=True)) - size


def _membrane(image: Array, gaps: Sequence[int], before: Sequence[int]) -> Array:
    """Fill the gap by the discrete harmonic function between opposite faces of the frame (after Liu and Jia, 2008).

    Axis by axis: the faces of the gap are the last and the first sample; along the other axes the membrane hangs free
    (Neumann) where the frame ends and is periodic where an earlier axis has been closed already. In the eigenbasis of
    those axes (cosine, Fourier) the fill is one closed form per frequency, a pair of hyperbolic sines that decay into
    the gap.
    """
    spatial = image.shape[: len(gaps)]
    frame = tuple(slice(b, b + n) for b, n in zip(before, spatial, strict=True))
    extended = np.empty((*(n + g for n, g in zip(spatial, gaps, strict=True)), *image.shape[len(gaps) :]), image.dtype)
    extended[frame] = image
    for axis, (width, side) in enumerate(zip(gaps, frame, strict=True)):
        if width == 0:
            continue
        layers = np.moveaxis(extended[(slice(None),) * (axis + 1) + frame[axis + 1 :]], axis, 0)
        fill = _stretch(layers[side.stop - 1], layers[side.start], width, closed=axis, ndim=len(gaps) - 1)
        after = len(layers) - side.stop
        layers[side.stop :], layers[: side.start] = fill[:after], fill[after:]
    return extended


def _stretch(near: Array, far: Array, width: int, *, closed: int, ndim: int) -> Array:
    """Harmonic values on `width` layers between the faces `near` and `far`, whose first `closed` axes are periodic."""
    faces = np.stack([near, far]).astype(np.result_type(near, np.float32))
    stiffness = np.zeros((1,) * ndim)
    for axis in range(ndim):
        n = near.shape[axis]
        angles = 2 * np.pi * np.fft.fftfreq(n) if axis < closed else np.pi * np.arange(n) / n
        stiffness = stiffness + _along(2 - 2 * np.cos(angles), axis, ndim)
        faces = fft.fft(faces, axis=axis + 1) if axis < closed else fft.dct(faces, axis=axis + 1, norm="ortho")
    decay = 2 * np.arcsinh(np.sqrt(stiffness) / 2)  # 2 cosh(decay) - 2 = stiffness
    steps = _along(np.arange(1, width + 1), 0, ndim + 1)
    weights = [_sinh_ratio(decay, width + 1 - steps, width + 1), _sinh_ratio(decay, steps, width + 1)]
    colour = (1,) * (near.ndim - ndim)
    fill = sum(w.reshape(w.shape + colour).astype(near.dtype) * face for w, face in zip(weights, faces, strict=True))
    for axis in reversed(range(ndim)):
        fill = fft.ifft(fill, axis=axis + 1) if axis < closed else fft.idct(fill, axis=axis + 1, norm="ortho")
    return np.real(fill)


def _sinh_ratio(decay: Array, step: Array, width: int) -> Array:
    """sinh(decay step) / sinh(decay width) without overflow; the straight line step / width where decay is 0."""
    flat = decay < 1e-7
    safe = np.where(flat, 1, decay)
    ratio = np.exp(safe * (step - width)) * np.expm1(-2 * safe * step) / np.expm1(-2 * safe * width)
    return np.where(flat, step / width, ratio)


def _along(values: Array, axis: int, ndim: int) -> Array:
    return values.reshape([-1 if i == axis else 1 for i in range(ndim)])


def _taper(image: Array, psf: Array) -> Array:
    """Blend w g + (1 - w) (h * g) with w = prod(1 - rho_a), rho_a the autocorrelation of the PSF projected on axis a.

    Within the picture's range, as an average with non-negative weights is; a signed PSF may leave it.
    """
    shape = image.shape[: psf.ndim]
    weight: Array = np.ones(())
    for axis, n in enumerate(shape):
        projection = psf.sum(axis=tuple(a for a in range(psf.ndim) if a != axis))
        weight = np.multiply.outer(weight, 1 - _periodic_autocorrelation(projection, n))
    weight = weight.reshape(weight.shape + (1,) * (image.ndim - psf.ndim)).astype(image.dtype)
    return weight * image + (1 - weight) * filtered(image, psf.ndim, OTF(psf, shape, image.dtype))


def _periodic_autocorrelation(profile: Array, size: int) -> Array:
    """Autocorrelation of period size - 1 scaled to peak 1, the peak on both ends of an axis of `size` samples."""
    period = max(size - 1, 1)
    folded = np.bincount(np.arange(profile.size) % period, profile, period)
    correlation = np.fft.irfft(np.abs(np.fft.rfft(folded)) ** 2, period)
    return np.append(correlation, correlation[0])[:size] / correlation[0]
