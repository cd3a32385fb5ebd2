"""
Where checkerboards come from
=============================

A flat map enlarged by four kernels at stride 2. A kernel of 3 leaves a grid. So does a
kernel of 4, unless its weights agree.
"""

import matplotlib.pyplot as plt
import numpy as np

import upsample

rng = np.random.default_rng(0)
flat = np.ones((1, 8, 8))
kernels = {
    "ones, 3 x 3": np.ones((3, 3)),
    "random, 4 x 4": rng.uniform(0, 1, (4, 4)),
    "ICNR, 4 x 4": upsample.icnr((1, 1, 4, 4), 2, rng=2, dtype=np.float64)[0, 0],
    "bilinear, 4 x 4": upsample.bilinear_kernel(2),
}
figure, axes = plt.subplots(1, 4, figsize=(10, 3), layout="constrained")
for ax, (name, kernel) in zip(axes, kernels.items(), strict=True):
    enlarged = upsample.conv_transpose(flat, kernel[None, None], stride=2, padding=1)[0, 2:-2, 2:-2]
    middle, spread = enlarged.mean(), max(np.ptp(enlarged), 1e-9)
    ax.imshow(enlarged, cmap="gray", vmin=middle - spread, vmax=middle + spread)
    ax.set_title(f"{name}\nimbalance {upsample.checkerboard(kernel, 2).imbalance:.2f}")
    ax.set_axis_off()
