"""
A stack of slices
=================

Everything works in three dimensions: a microscope blurs more along its axis than across.
"""

import matplotlib.pyplot as plt
import numpy as np

import restore

rng = np.random.default_rng(0)
sharp = np.zeros((28, 48, 48))
z, y, x = np.ogrid[0:28, 0:48, 0:48]
for center in rng.uniform((5, 6, 6), (23, 42, 42), (12, 3)):
    sharp[(z - center[0]) ** 2 + (y - center[1]) ** 2 + (x - center[2]) ** 2 < 9] = 1
psf = restore.psf.gaussian((3.0, 1.2, 1.2))
observed = restore.degrade(sharp, psf, noise_sigma=0.005, rng=1)
restored = restore.deconvolve(observed, psf)

panels = {"beads": sharp, "observed": observed, "restored": restored.image}
figure, axes = plt.subplots(1, 3, figsize=(10, 2.2), layout="constrained")
for ax, (name, stack) in zip(axes, panels.items(), strict=True):
    ax.imshow(stack.max(axis=1), cmap="gray", vmin=0, vmax=1)
    ax.set_title(f"{name}, seen from the side")
    ax.set_axis_off()
