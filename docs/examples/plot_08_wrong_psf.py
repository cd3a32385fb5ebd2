"""
How wrong may the PSF be?
=========================

The same picture restored with radii from too small to too large, and how much less likely each radius is.
"""

import matplotlib.pyplot as plt
from skimage import data

import restore

sharp = data.camera()[64:256, 128:320] / 255.0
observed = restore.degrade(sharp, restore.psf.disk(5), bsnr=40, rng=0)

radii = (4, 4.5, 5, 5.5, 6)
trials = restore.psf_sensitivity(observed, [restore.psf.disk(radius) for radius in radii])

figure, axes = plt.subplots(1, 5, figsize=(11, 2.8), layout="constrained")
for ax, radius, trial in zip(axes, radii, trials, strict=True):
    ax.imshow(trial.restoration.image, cmap="gray", vmin=0, vmax=1)
    ax.set_title(f"radius {radius}\nmisfit {trial.misfit:.0f}", color="green" if trial.misfit < 2 else "black")
    ax.set_axis_off()
