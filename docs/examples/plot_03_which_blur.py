"""
Which blur is it?
=================

Family, size and direction of a blur, found from the picture alone.
"""

import matplotlib.pyplot as plt
from skimage import data

import restore

sharp = data.camera()[128:384, 128:384] / 255.0
observed = restore.degrade(sharp, restore.psf.motion(17, 60), bsnr=40, rng=0)

estimate = restore.estimate_psf(observed)
print(f"{estimate.family} ({estimate.confidence})")
for name, value in estimate.parameters.items():
    print(f"{name} {value:.1f} ± {estimate.uncertainty[name]:.1f}")

restored = restore.deconvolve(observed, estimate.psf)
panels = {"observed": observed, f"found: {estimate.family}": estimate.psf, "restored": restored.image}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
for ax, (name, picture) in zip(axes, panels.items(), strict=True):
    ax.imshow(picture, cmap="gray", vmin=0, vmax=picture.max() if picture is estimate.psf else 1)
    ax.set_title(name)
    ax.set_axis_off()
