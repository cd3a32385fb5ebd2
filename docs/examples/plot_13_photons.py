"""
Few photons
===========

Stars and a faint cloud, counted photon by photon. Richardson and Lucy's iteration keeps the sky dark and the sum of the
light.
"""

import matplotlib.pyplot as plt
import numpy as np

import restore

rng = np.random.default_rng(0)
y, x = np.mgrid[0:96, 0:96]
sky = 0.05 * np.exp(-((y - 60) ** 2 + (x - 40) ** 2) / 500)
sky[rng.integers(6, 90, 25), rng.integers(6, 90, 25)] += rng.exponential(1, 25)
psf = restore.psf.moffat(4)
observed = restore.degrade(sky, psf, photons=1000, rng=1)

restored = restore.richardson_lucy(observed, psf)
linear = restore.wiener(observed, psf)
print(f"light: {observed.sum():.1f} observed, {restored.sum():.1f} restored; darkest sample {restored.min():.3f}")

panels = {"observed": observed, "Wiener": linear, "Richardson-Lucy": restored}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
for ax, (name, picture) in zip(axes, panels.items(), strict=True):
    ax.imshow(np.arcsinh(20 * picture), cmap="gray", vmin=-1, vmax=2.5)  # as astronomers show faint and bright at once
    ax.set_title(name)
    ax.set_axis_off()
