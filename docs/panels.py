"""How the guide shows pictures: beside each other, with one display range, so that the eye compares like with like."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np


def show(pictures, *, low=0.0, high=1.0, columns=4):
    """Draw pictures under their names, in rows as wide as the page."""
    columns = min(columns, len(pictures))
    size = min(2.7, 8.4 / columns)
    rows = -(-len(pictures) // columns)
    shape = np.shape(next(iter(pictures.values())))
    lines = max(len(fill(name, round(15 * size)).splitlines()) for name in pictures)
    tall = size * shape[0] / shape[1] + 0.1 + 0.2 * lines
    _, axes = plt.subplots(rows, columns, figsize=(size * columns, tall * rows), squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (name, picture) in zip(axes.flat, pictures.items(), strict=False):
        ax.imshow(np.clip(picture, 0, 1) if np.ndim(picture) == 3 else picture, cmap="gray", vmin=low, vmax=high)
        ax.set_title(fill(name, round(15 * size)), fontsize=9)


def table(ax, numbers, title="", *, colour="#dce9f5", digits=3):
    """Write a small array as a table of numbers, zeros pale."""
    numbers = np.atleast_2d(numbers)
    rows, columns = numbers.shape
    ax.set(xlim=(-0.05, columns + 0.05), ylim=(rows + 0.05, -0.05), aspect="equal", xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)
    for (i, j), number in np.ndenumerate(numbers):
        face = colour if number else "white"
        ax.add_patch(plt.Rectangle((j, i), 1, 1, facecolor=face, edgecolor="0.6", linewidth=0.6))
        ax.text(j + 0.5, i + 0.5, f"{number:.{digits}g}", ha="center", va="center", color="black" if number else "0.75")
    ax.set_title(title, fontsize=9)
