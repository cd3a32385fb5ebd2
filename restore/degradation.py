"""The degradation model g = h * f + eta: blur a picture and add noise, for tests, samples and teaching."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, InvalidValue, as_finite, as_image, as_nonnegative, as_positive, as_psf, one_of
from restore.observation.boundary import BOUNDARIES, extend, valid_frame
from restore.operators.fourier import filtered
from restore.operators.otf import OTF
from restore.operators.unit import Unit
from restore.psf.varying import PsfGrid, filter_flow

BLUR_BOUNDARIES = (*BOUNDARIES, "valid")
#: What a whole number of 64 bits holds, with room for the noise.
MOST_COUNTS = 9e18
#: What numpy.random.default_rng accepts.
Seed = int | np.random.Generator | np.random.SeedSequence | np.random.BitGenerator | None


def blur(
    image: ArrayLike, psf: ArrayLike | PsfGrid, *, boundary: str = "reflect", channel_axis: int | None = None
) -> Array:
    """Return h * f, (h * f)(x) = sum_y h(y) f(x - y), in the frame of f.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Sharp picture f, any unit and range. Not modified.
    psf : array with the image's spatial axes, or PsfGrid
        Impulse response h, sum 1, centre at size // 2; `restore.psf.grid` makes one that changes over the picture.
    boundary : str
        What f is outside its frame: "reflect" (the default), "symmetric", "edge", "zero", "periodic", "smooth",
        "unknown" (as "smooth"), "taper" (periodic, with the rim blended first). "valid" assumes nothing and returns
        the smaller frame of those samples that see only known ones: what a camera records of a larger scene.
    channel_axis : int, optional
        Axis of the colour channels; each is blurred alike.

    Returns
    -------
    blurred : array of the image's shape and dtype; with "valid" ``size - psf size + 1`` along each axis

    Raises
    ------
    TypeError
        The image is not float32 or float64, or the PSF not real.
    ValueError
        A non-finite sample, an unknown boundary word, or a PSF that does not fit or does not sum to 1.

    Notes
    -----
    Two FFTs of the grid. Convolution, so an asymmetric PSF is turned by 180 degrees against the weights of a
    correlation.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, eq. 5-64.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import blur
    >>> f = np.zeros((3, 5))
    >>> f[1, 2] = 1
    >>> blur(f, np.array([[0.0, 0.25, 0.75]]), boundary="zero")[1].round(12) + 0.0
    array([0.  , 0.  , 0.25, 0.75, 0.  ])
    """
    picture = as_image(image, channel_axis=channel_axis)
    unit = Unit.of(picture)
    picture = unit.inside(picture)
    shape = picture.shape if channel_axis is None else picture.shape[:-1]
    kernel = as_psf(psf.mean if isinstance(psf, PsfGrid) else psf, shape)
    one_of(boundary, BLUR_BOUNDARIES, "boundary")
    extended, frame = extend(picture, kernel, "periodic" if boundary == "valid" else boundary)
    if boundary == "valid":
        frame = valid_frame(shape, kernel.shape)
    if isinstance(psf, PsfGrid):
        starts = (0,) * kernel.ndim if boundary == "valid" else tuple(side.start for side in frame)
        flow = filter_flow(psf, extended.shape[: kernel.ndim], starts, picture.dtype)
        light = extended if channel_axis is not None else extended[..., None]
        blurred = flow.forward(light).reshape(extended.shape)[frame]
    else:
        blurred = filtered(
            extended, kernel.ndim, OTF(kernel, extended.shape[: kernel.ndim], picture.dtype), frame=frame
        )
    blurred = blurred if channel_axis is None else np.moveaxis(blurred, -1, channel_axis)
    return unit.result(np.ascontiguousarray(blurred))


def degrade(
    image: ArrayLike,
    psf: ArrayLike | PsfGrid,
    *,
    noise_sigma: float | None = None,
    bsnr: float | None = None,
    photons: float | None = None,
    rng: Seed = None,
    boundary: str = "reflect",
    channel_axis: int | None = None,
) -> Array:
    """Return g = h * f + eta with white Gaussian noise, on top of photon noise if asked for.

    Parameters
    ----------
    image, psf, boundary, channel_axis
        As in `blur`.
    noise_sigma : float, >= 0, optional
        Standard deviation of the Gaussian noise, in image units. None without `bsnr` means no Gaussian noise.
    bsnr : float, optional
        Blurred signal-to-noise ratio 10 log10(var(h * f) / sigma^2) in dB, instead of `noise_sigma`. Usual: 20
        (strong noise) to 50 (weak).
    photons : float, > 0, optional
        Expected photons per sample at intensity 1: the blurred picture becomes Poisson(photons h * f) / photons
        before the Gaussian read-out noise is added. Larger: less photon noise.
    rng : int, numpy.random.Generator or None
        Seed or generator; None draws fresh noise.

    Returns
    -------
    observed : array of the image's shape (smaller with "valid") and dtype, not clipped

    Raises
    ------
    TypeError, ValueError
        As `blur`; both `noise_sigma` and `bsnr`; a negative number; `photons` with a picture that is negative
        somewhere.

    Notes
    -----
    Two FFTs and one random number per sample, two with `photons`.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, eq. 5-1; A. Foi et al., Practical
    Poissonian-Gaussian noise modeling and fitting for single-image raw-data, IEEE Trans. Image Process. 17, 2008.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import degrade, psf
    >>> g = degrade(np.full((64, 64), 0.5), psf.gaussian(2), noise_sigma=0.1, rng=0)
    >>> round(float(g.std()), 2)
    0.1
    """
    if noise_sigma is not None and bsnr is not None:
        raise InvalidValue("noise_sigma and bsnr say the same thing: give one of them")
    picture = as_image(image)
    unit = Unit.of(picture)
    sigma = 0.0 if noise_sigma is None else unit.inside(as_nonnegative(noise_sigma, "noise_sigma"))
    decibel = None if bsnr is None else as_finite(bsnr, "bsnr")
    gain = None if photons is None else unit.inside(as_positive(photons, "photons"), -1)
    generator = np.random.default_rng(rng)
    blurred = blur(unit.inside(picture), psf, boundary=boundary, channel_axis=channel_axis)
    if decibel is not None:
        sigma = float(np.std(blurred, dtype=np.float64) * np.power(10, -decibel / 20))
    observed = blurred if gain is None else _photon_noise(blurred, gain, generator)
    if sigma > 0:
        observed = observed + sigma * generator.standard_normal(observed.shape, observed.dtype)
    return unit.result(observed.astype(blurred.dtype, copy=False))


def _photon_noise(blurred: Array, photons: float, generator: np.random.Generator) -> Array:
    lowest = float(blurred.min())
    if lowest < -1e-3 * max(float(blurred.max()), 0.0):
        raise InvalidValue(f"image must be >= 0 where photons are counted, got {lowest:.6g} after blurring")
    expected = photons * np.maximum(blurred, 0, dtype=np.float64)
    if not expected.max() <= MOST_COUNTS:
        raise InvalidValue(f"photons must keep the counts below {MOST_COUNTS:.0e}, got {expected.max():.6g} at most")
    counts: Any = generator.poisson(expected)
    return (counts / photons).astype(blurred.dtype)
