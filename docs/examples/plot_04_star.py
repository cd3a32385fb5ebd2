"""
The PSF from a star
===================

One point in the picture shows the blur. It is fitted with its place between the pixels.
"""

import matplotlib.pyplot as plt
import numpy as np

import restore

rng = np.random.default_rng(3)
sky = np.zeros((128, 128))
sky[rng.integers(8, 120, 40), rng.integers(8, 120, 40)] = rng.exponential(2, 40)
sky[64, 64] = 30
observed = restore.degrade(sky, restore.psf.moffat(4.5), noise_sigma=0.002, rng=0)

x, y, width, height = box = (50, 50, 29, 29)
measurement = restore.psf_from_point(observed, box)
fwhm, uncertainty = measurement.parameters["fwhm"], measurement.uncertainty["fwhm"]
print(f"{measurement.family}: fwhm {fwhm:.2f} ± {uncertainty:.2f} pixels")

figure, (left, right) = plt.subplots(1, 2, figsize=(7.5, 3.6), layout="constrained")
left.imshow(observed, cmap="gray", vmin=0, vmax=0.2)
left.add_patch(plt.Rectangle((x, y), width, height, fill=False, edgecolor="orange"))
left.set(title="the sky, and a box around one star", xticks=[], yticks=[])
distance = np.arange(measurement.psf.shape[1]) - measurement.psf.shape[1] // 2
right.semilogy(distance, measurement.psf[measurement.psf.shape[0] // 2], label="found")
right.semilogy(np.arange(29) - 14, observed[64, 50:79] / observed[50:79, 50:79].sum(), ".", label="samples")
right.set(xlim=(-14, 14), ylim=(1e-5, 0.1), xlabel="pixels", title="a row through the star")
right.legend()
