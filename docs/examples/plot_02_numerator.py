r"""
The numerator and the whole Wiener filter
=========================================

Deep learning's deconvolution multiplies the spectrum by conj(H), which blurs once more. Signal processing's then
divides by \|H\|² + K, which undoes the blur wherever there is more signal than noise.
"""

import matplotlib.pyplot as plt
import numpy as np
from skimage import data

import restore

sharp = data.camera()[64:256, 128:320] / 255.0
psf = restore.psf.disk(4)
observed = restore.degrade(sharp, psf, noise_sigma=0.005, boundary="periodic", rng=0)

transfer = restore.psf_to_otf(psf, observed.shape)  # H, on the half spectrum of rfft2
numerator = np.conj(transfer) * np.fft.rfft2(observed)
transposed = np.fft.irfft2(numerator, observed.shape)
restored = np.fft.irfft2(numerator / (np.abs(transfer) ** 2 + 0.003), observed.shape)
print("as the package does it:", np.allclose(restored, restore.wiener(observed, psf, nsr=0.003, boundary="periodic")))

panels = {"observed": observed, "conj(H) G: transposed": transposed, "conj(H) G / (|H|² + K): restored": restored}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
for ax, (name, picture) in zip(axes, panels.items(), strict=True):
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
    ax.set_title(name)
    ax.set_axis_off()
