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

found = restore.estimate_psf(observed)
print(f"{found.family} ({found.confidence})")
for name, value in found.parameters.items():
    print(f"{name} {value:.1f} ± {found.uncertainty[name]:.1f}")

restored = restore.deconvolve(observed, found.psf)
panels = {"observed": observed, f"found: {found.family}": found.psf, "restored": restored.image}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
for ax, (name, picture) in zip(axes, panels.items(), strict=True):
    ax.imshow(picture, cmap="gray", vmin=0, vmax=picture.max() if picture is found.psf else 1)
    ax.set_title(name)
    ax.set_axis_off()
