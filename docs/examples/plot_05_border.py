"""
Padding the border, or solving for it
=====================================

The world goes on outside of the frame, and light from there was blurred into it. Every word below has the strength that
suits it best.
"""

import matplotlib.pyplot as plt
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

import restore

world = data.camera()[40:240, 150:350] / 255.0
frame = (slice(36, 164), slice(36, 164))
sharp, psf = world[frame], restore.psf.disk(6)
observed = restore.degrade(world, psf, bsnr=40, rng=0)[frame]


def best(boundary):
    """Return the restoration of the highest score over a range of strengths."""
    tries = [restore.wiener(observed, psf, nsr=10.0**power, boundary=boundary) for power in range(-5, 0)]
    return max(tries, key=lambda picture: peak_signal_noise_ratio(sharp, picture, data_range=1))


figure, axes = plt.subplots(1, 4, figsize=(10, 3), layout="constrained")
for ax, boundary in zip(axes, ("periodic", "symmetric", "taper", "unknown"), strict=True):
    restored = best(boundary)
    ax.imshow(restored, cmap="gray", vmin=0, vmax=1)
    ax.set_title(f"{boundary}, {peak_signal_noise_ratio(sharp, restored, data_range=1):.1f} dB")
    ax.set_axis_off()
