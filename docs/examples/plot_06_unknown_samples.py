"""
Scratches and clipped lights
============================

Samples that say nothing are marked, and solved for like the outside of the frame.
"""

import matplotlib.pyplot as plt
import numpy as np
from skimage import data

import restore

sharp = data.camera()[64:192, 160:288] / 255.0
sharp[20:23, 20:23] = 12  # a lamp far above the range
psf = restore.psf.disk(3)
observed = np.minimum(restore.degrade(sharp, psf, noise_sigma=0.003, rng=0), 1)
observed[90, 20:110] = 0  # a dead line

mask = observed >= 1
mask[90, 20:110] = True

panels = {
    "observed": observed,
    "taken as they are": restore.deconvolve(observed, psf).image,
    "taken as unknown": restore.deconvolve(observed, psf, mask=mask).image,
}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
for ax, (name, picture) in zip(axes, panels.items(), strict=True):
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
    ax.set_title(name)
    ax.set_axis_off()
