"""Restoration, the deconvolution of signal processing: recover f from g = h * f + noise.

    f = (C'C + lambda L'L)^-1 C' g

C is the blur written as a matrix, C' its transpose, L what is charged for roughness: an inverse made stable. In the
frequency domain it is conj(H) G / (|H|^2 + lambda |P|^2).

>>> import numpy as np
>>> import restore
>>> sharp = np.zeros((64, 64))
>>> sharp[24:40, 24:40] = 1
>>> h = restore.psf.gaussian(2.0)
>>> observed = restore.degrade(sharp, h, noise_sigma=0.01, rng=0)
>>> restored = restore.deconvolve(observed, h)
>>> bool(np.mean((restored.image - sharp) ** 2) < 0.7 * np.mean((observed - sharp) ** 2))
True
"""

from restore import psf
from restore.blur_identification.measured.average import PSFAverage
from restore.blur_identification.measured.from_edge import psf_from_edge
from restore.blur_identification.measured.from_point import psf_from_point
from restore.blur_identification.measured.from_points import psf_from_points
from restore.blur_identification.measured.measurement import PSFMeasurement
from restore.blur_identification.shake.from_shake import KernelEstimate, estimate_kernel
from restore.blur_identification.spectral.from_spectrum import PSFEstimate, estimate_psf
from restore.deconvolution import StrengthWarning, deconvolve
from restore.degradation import blur, degrade
from restore.diagnosis.diagnosis import Diagnosis
from restore.methods.aggregation.aggregate import aggregate
from restore.methods.counts.richardson_lucy import richardson_lucy
from restore.methods.differences.hyper_laplacian import hyper_laplacian
from restore.methods.differences.total_variation import total_variation
from restore.methods.iterations.landweber import landweber
from restore.methods.iterations.tikhonov_miller import tikhonov_miller
from restore.methods.iterations.van_cittert import van_cittert
from restore.methods.linear.constrained_least_squares import constrained_least_squares
from restore.methods.linear.geometric_mean import geometric_mean_filter
from restore.methods.linear.inverse import inverse_filter
from restore.methods.linear.wiener import wiener
from restore.methods.local_contrast import blend_by_contrast
from restore.methods.patches.nonlocal_patches import nonlocal_deconvolution
from restore.methods.restoration import Restoration
from restore.metrics import isnr, psnr, ssim
from restore.noise.photon import anscombe, estimate_poisson_gauss, inverse_anscombe
from restore.noise.white import estimate_noise, signal_to_noise
from restore.observation.noise_spectrum import estimate_noise_spectrum
from restore.operators.otf import autocorrelation_to_spectrum, otf_to_psf, psf_to_otf
from restore.parameter_choice.rules import StrengthChoice
from restore.psf.varying import PsfGrid
from restore.sensitivity import PSFTrial, psf_sensitivity, psf_variants
from restore.tiles.tiled import map_tiles

__all__ = [
    "Diagnosis",
    "KernelEstimate",
    "PSFAverage",
    "PSFEstimate",
    "PSFMeasurement",
    "PSFTrial",
    "PsfGrid",
    "Restoration",
    "StrengthChoice",
    "StrengthWarning",
    "aggregate",
    "anscombe",
    "autocorrelation_to_spectrum",
    "blend_by_contrast",
    "blur",
    "constrained_least_squares",
    "deconvolve",
    "degrade",
    "estimate_kernel",
    "estimate_noise",
    "estimate_noise_spectrum",
    "estimate_poisson_gauss",
    "estimate_psf",
    "geometric_mean_filter",
    "hyper_laplacian",
    "inverse_anscombe",
    "inverse_filter",
    "isnr",
    "landweber",
    "map_tiles",
    "nonlocal_deconvolution",
    "otf_to_psf",
    "psf",
    "psf_from_edge",
    "psf_from_point",
    "psf_from_points",
    "psf_sensitivity",
    "psf_to_otf",
    "psf_variants",
    "psnr",
    "richardson_lucy",
    "signal_to_noise",
    "ssim",
    "tikhonov_miller",
    "total_variation",
    "van_cittert",
    "wiener",
]
