"""Point-spread functions: what one bright point becomes in the picture.

Every model returns a float64 array of odd sizes that sums to one, with its centre exactly at size // 2. Sizes are in
pixels and need not be whole: the models are averaged over the pixel (anti-aliased), so that a radius of 3.2 differs
from 3 by as much as it should. The models of `optics` are told the microscope, in micrometres, and the shape.

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
from restore.psf.at_places import grid
from restore.psf.from_samples import centroid_offset, measured

# So are the models of microscopes.
# isort: off
from restore.psf.optics.scalar import born_wolf, gibson_lanni
from restore.psf.optics.vectorial import richards_wolf
from restore.psf.optics.confocal import confocal

# isort: on
from restore.psf.voxel_size import resampled

__all__ = [
    "airy",
    "born_wolf",
    "box",
    "centroid_offset",
    "confocal",
    "disk",
    "gaussian",
    "gibson_lanni",
    "grid",
    "measured",
    "moffat",
    "motion",
    "resampled",
    "richards_wolf",
]
