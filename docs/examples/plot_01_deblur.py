"""
Deblur in one line
==================

Give the picture and the blur; strength, noise and border are found from the picture.
"""

import matplotlib.pyplot as plt
from skimage import data

import restore

sharp = data.camera()[64:256, 128:320] / 255.0
psf = restore.psf.motion(13, 25)
observed = restore.degrade(sharp, psf, bsnr=40, rng=0)  # as a moving camera would see it

result = restore.deconvolve(observed, psf)
print(f"{result.method}, strength {result.parameter:.2g} ({result.rule}), noise {result.noise_sigma:.4f}")

panels = {"sharp": sharp, "observed": observed, "restored": result.image}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
for ax, (name, picture) in zip(axes, panels.items(), strict=True):
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
    ax.set_title(name)
    ax.set_axis_off()
