"""Point-spread functions: what one bright point becomes in the picture.

Every model returns a float64 array of odd sizes that sums to one, with its centre exactly at size // 2. Sizes are in
pixels and need not be whole: the models are averaged over the pixel (anti-aliased), so that a radius of 3.2 differs
from 3 by as much as it should.

Each family is one record in one file of `families`; `restore.psf.family` says what a record holds.
"""

# Families are listed and tried in the order in which they register.
# isort: off
from restore.psf.families.gaussian import gaussian
from restore.psf.families.disk import disk
from restore.psf.families.motion import motion
from restore.psf.families.box import box
from restore.psf.families.airy import airy
from restore.psf.families.moffat import moffat

# isort: on
from restore.psf.from_samples import centroid_offset, measured

__all__ = ["airy", "box", "centroid_offset", "disk", "gaussian", "measured", "moffat", "motion"]
