"""The data's way through a restoration, drawn for the page on how the house is built."""

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

#: Rooms by column and row: what comes in on the left, one call in the middle, what comes out on the right.
ROOMS = {
    "deconv/inputs": (0, 0, "file as linear light;\nPSF by name, file, box"),
    "restore/blur_identification": (0, 1, "h from g: spectrum,\npoint, edge, shake"),
    "restore/psf": (0, 2, "h by name:\none record per family"),
    "restore/deconvolution.py": (1, 0, "the front door:\ndeconvolve"),
    "restore/observation": (1, 1, "g on its grid: frame,\nmask, border completed"),
    "restore/spectrum, noise": (1, 2, "S and \u03b7, as the\npicture shows them"),
    "restore/methods": (2, 1, "arg min: one record\nper method, solve()"),
    "restore/parameter_choice": (2, 2, "\u03bb: rules, evidence,\nheld-out samples"),
    "restore/operators": (2, 3, "C, L: Fourier pass,\nH, |P|\u00b2, differences"),
    "restore/diagnosis": (2, 0, "r = g \u2212 h * f; does\nh suit g?"),
    "deconv/deblur": (3, 0, "file, figure, report,\ncard, page"),
}
#: Arrows: from, to, and what goes along.
WAYS = [
    ("deconv/inputs", "restore/deconvolution.py", "g, h"),
    ("restore/blur_identification", "deconv/inputs", "h"),
    ("restore/psf", "restore/blur_identification", ""),
    ("restore/deconvolution.py", "restore/observation", "g, h"),
    ("restore/spectrum, noise", "restore/observation", ""),
    ("restore/observation", "restore/methods", "Obser-\nvation"),
    ("restore/parameter_choice", "restore/methods", "\u03bb"),
    ("restore/operators", "restore/parameter_choice", ""),
    ("restore/methods", "restore/diagnosis", "Outcome"),
    ("restore/diagnosis", "deconv/deblur", "Resto-\nration"),
]
#: Sizes in inches: a box, and the distance to the next.
WIDTH, TALL, RIGHT, DOWN = 1.74, 0.8, 2.3, 1.2
COLOURS = {"restore": "#e8f5ee", "deconv": "#e7eef8"}


def draw():
    """Draw the rooms and the ways between them."""
    across, down = 3 * RIGHT + WIDTH + 0.1, 3 * DOWN + TALL + 0.1
    figure = plt.figure(figsize=(across, down), layout="none")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-WIDTH / 2 - 0.05, 3 * RIGHT + WIDTH / 2 + 0.05), ylim=(3 * DOWN + TALL / 2 + 0.05, -TALL / 2 - 0.05))
    ax.set_axis_off()
    for name, (column, row, text) in ROOMS.items():
        x, y = column * RIGHT, row * DOWN
        face = COLOURS[name.partition("/")[0]]
        corner = x - WIDTH / 2, y - TALL / 2
        box = FancyBboxPatch(corner, WIDTH, TALL, boxstyle="round,pad=0,rounding_size=0.06", fc=face, ec="0.45")
        ax.add_patch(box)
        ax.text(x, y - 0.24, name.partition("/")[2], ha="center", va="center", fontsize=9.5, fontweight="bold")
        ax.text(x, y + 0.12, text, ha="center", va="center", fontsize=9, color="0.15", linespacing=1.25)
    for i, (package, face) in enumerate(COLOURS.items()):
        x, y = 3 * RIGHT - 0.5, 2 * DOWN + 0.35 * i
        ax.add_patch(plt.Rectangle((x, y), 0.3, 0.2, fc=face, ec="0.45"))
        ax.text(x + 0.4, y + 0.1, f"{package}/", va="center", fontsize=9.5)
    for start, end, what in WAYS:
        _arrow(ax, ROOMS[start], ROOMS[end], what)


def _arrow(ax, start, end, what):
    (a, b), (c, d) = ((room[0] * RIGHT, room[1] * DOWN) for room in (start, end))
    across, down = (c > a) - (c < a), (d > b) - (d < b)
    tail = (a + across * WIDTH / 2, b) if across else (a, b + down * TALL / 2)
    head = (c - across * WIDTH / 2, d) if across else (c, d - down * TALL / 2)
    ax.annotate("", head, tail, arrowprops={"arrowstyle": "-|>", "color": "0.3", "lw": 1.6, "shrinkA": 0, "shrinkB": 0})
    if across:
        ax.text((tail[0] + head[0]) / 2, b - 0.07, what, ha="center", va="bottom", fontsize=8.5, color="0.15")
    else:
        ax.text(a + 0.1, (tail[1] + head[1]) / 2, what, ha="left", va="center", fontsize=8.5, color="0.15")
