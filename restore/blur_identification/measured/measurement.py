"""What a measurement in a boxed part of the picture says of the PSF."""

from __future__ import annotations

from dataclasses import dataclass

from restore.blur_identification.blur_estimate import FamilyEstimate

#: A size less certain than this share of itself, or a misfit beyond the noise above this share, is weak evidence.
WEAK = 0.12
WEAK_MISFIT = 0.03


@dataclass(frozen=True, eq=False, kw_only=True)
class PSFMeasurement(FamilyEstimate):
    """What `psf_from_point` or `psf_from_edge` found.

    Attributes
    ----------
    psf : float64 array
        Odd sizes, sum 1, its centre at size // 2: what to restore with.
    confidence : {"confident", "weak", "none"}
        "weak": the size is uncertain, the box holds more than the model, or what it holds may be no point: it has two
        peaks, is no wider than a sample, or fits only at the end of a parameter's range. "none": the edge is sharp.
    verdict : str
        One sentence for people.
    family : str
        "measured", or the model of `restore.psf` that was fitted.
    parameters : dict
        The model's parameters, in pixels and degrees. For "measured" the ``fwhm``: the
        diameter of a circle as large as the area above half the maximum.
    uncertainty : dict
        One standard deviation of each parameter in the same units: what the noise does to it, not a wrong family.
    center : tuple of float
        x and y in pixels of the image: the point's centre, or the place of the edge nearest to the middle of the box.
    edge_angle : float or None
        Direction of the edge in degrees, counter-clockwise from +x, in [0, 180); None for a point.
    residual : float
        Root mean square of what the fit leaves in the box, as a share of the peak or of the step: noise and misfit.
    noise : float
        Standard deviation of the noise in the box, as the same share.
    runner_up : tuple of (str, dict, float) or None
        The next best family, its parameters and its residual, where several were tried.
    """

    center: tuple[float, float]
    edge_angle: float | None
    residual: float
    noise: float
    runner_up: tuple[str, dict[str, float], float] | None
