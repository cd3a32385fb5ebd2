"""
A transposed convolution, copy by copy
======================================

Each input sample throws a copy of the kernel; where copies overlap they add up.
"""

import matplotlib.pyplot as plt
import numpy as np

import upsample

x, kernel = np.array([1.0, 3.0, 2.0]), np.array([1.0, 2.0, 1.5])
thrown = upsample.scatter(x, kernel, stride=2)
print(thrown.full)

figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
below = np.zeros(thrown.full.size)
for number, copy in enumerate(thrown.copies):
    ax.bar(np.arange(copy.size), copy, bottom=below, label=f"x[{number}] = {x[number]:g} times the kernel")
    below += copy
ax.plot(np.arange(below.size), thrown.full, "ko", label="output")
ax.set(xlabel="output sample", title="kernel 1, 2, 1.5 with stride 2")
ax.legend()
