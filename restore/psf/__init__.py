"""Point-spread functions: what one bright point becomes in the picture.

Every model returns a float64 array of odd sizes that sums to one, with its centre exactly at size // 2. Sizes are in
pixels and need not be whole: the models are averaged over the pixel (anti-aliased), so that a radius of 3.2 differs
from 3 by as much as it should.
"""

from restore.psf.from_samples import centroid_offset, measured
from restore.psf.rounds import airy, gaussian, moffat
from restore.psf.shapes import box, disk, motion

__all__ = ["airy", "box", "centroid_offset", "disk", "gaussian", "measured", "moffat", "motion"]
