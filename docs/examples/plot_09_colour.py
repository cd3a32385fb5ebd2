"""
Colour, and a sparse prior
==========================

One filter serves all channels. A prior that expects few strong edges rings less than a linear filter.
"""

import matplotlib.pyplot as plt
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

import restore

sharp = data.astronaut()[0:160, 140:300] / 255.0
psf = restore.psf.disk(3)
observed = restore.degrade(sharp, psf, noise_sigma=0.004, rng=0, channel_axis=-1)

panels = {
    "observed": observed,
    "Wiener": restore.wiener(observed, psf, channel_axis=-1),
    "hyper-Laplacian": restore.hyper_laplacian(observed, psf, channel_axis=-1),
}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.4), layout="constrained")
for ax, (name, picture) in zip(axes, panels.items(), strict=True):
    ax.imshow(picture.clip(0, 1))  # only the display is clipped
    ax.set_title(f"{name}, {peak_signal_noise_ratio(sharp, picture, data_range=1):.1f} dB")
    ax.set_axis_off()
