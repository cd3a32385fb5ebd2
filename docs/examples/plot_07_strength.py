"""
The strength that was chosen
============================

The curve needs the sharp picture. The rule does not, and ends near its top.
"""

import matplotlib.pyplot as plt
import numpy as np
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

import restore

sharp = data.camera()[64:256, 128:320] / 255.0
psf = restore.psf.gaussian(2)
observed = restore.degrade(sharp, psf, bsnr=35, rng=0)


def score(picture):
    """Return the peak signal-to-noise ratio in dB."""
    return peak_signal_noise_ratio(sharp, picture, data_range=1)


strengths = np.geomspace(1e-5, 1e-1, 9)
scores = [score(restore.constrained_least_squares(observed, psf, regularization=s)) for s in strengths]
result = restore.deconvolve(observed, psf, method="cls")
wiener = restore.deconvolve(observed, psf, method="wiener")

figure, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
ax.semilogx(strengths, scores, "o-", color="0.6", label="constrained least squares, lambda given")
ax.semilogx(result.parameter, score(result.image), "s", ms=9, label=f"lambda found by {result.rule}")
ax.axhline(score(wiener.image), color="C1", ls="--", label="Wiener, spectra fitted to the picture")
ax.set(xlabel="lambda", ylabel="PSNR in dB")
ax.legend()
