"""The power of the noise per frequency, read off a blurred picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array
from restore.observation.observation import observe
from restore.operators.fourier import frequencies


def estimate_noise_spectrum(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
) -> Array:
    """Return N(w), the law of the noise that explains a blurred picture best, on the half spectrum of the image.

    Parameters
    ----------
    image : (H, W), (H, W, C) or n-D float array
        Observed picture g, any unit and range. Not modified.
    psf : array with the image's spatial axes
        Impulse response h, sum 1, centre at size // 2. Where |H| is small, what is seen is noise.
    boundary : str
        What lies outside the frame; see `restore.observation.boundary`.
    mask : bool array, optional
        True where samples are unknown. Shape of the image, or of one channel.
    channel_axis : int, optional
        Axis of the colour channels; they share one law, that of their mean.

    Returns
    -------
    power : float64 array, the spatial shape of the image with n // 2 + 1 columns
        Expected power of a sample's share of each frequency, image units squared, laid out like `scipy.fft.rfftn`; its
        mean over all frequencies is the variance of the noise. The same everywhere where the noise is white.

    Raises
    ------
    TypeError, ValueError
        As `wiener`.

    See Also
    --------
    estimate_noise : the standard deviation, without a PSF.
    wiener : takes it as `noise_spectrum`.

    Notes
    -----
    Demosaicing, denoising, resizing, sharpening and JPEG colour the noise. Its law is a polynomial of degree 3 in the
    cosines of the frequencies, fitted together with that of the signal: see `restore.spectrum.noise_law`. Where the
    picture hides the noise, at low frequencies, the law only goes on smoothly, and comes out a fifth too low at times.
    Of a stack, and under a blur that leaves half of the frequencies bright, the noise is taken to be white.

    References
    ----------
    P. Whittle, Estimation and information in stationary time series, Ark. Mat. 2, 1953.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import degrade, estimate_noise_spectrum, psf
    >>> from skimage.data import camera
    >>> blurred = degrade(camera()[100:228, 100:228] / 255, psf.disk(3), noise_sigma=0.02, rng=0)
    >>> power = estimate_noise_spectrum(blurred, psf.disk(3))
    >>> power.shape, round(float(np.sqrt(power.mean())), 2)
    ((128, 65), 0.02)
    """
    observation = observe(image, psf, boundary, channel_axis, mask)
    shape = observation.image_shape
    power = np.asarray(observation.fit.noise_power(frequencies(shape)), np.float64)
    return observation.unit.result(np.broadcast_to(power, (*shape[:-1], shape[-1] // 2 + 1)).copy(), 2)
