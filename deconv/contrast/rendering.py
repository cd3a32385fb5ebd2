"""The pictures of the contrast as a screen shows them, how close each is to f, and the set-up in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import restore
from deconv import pictures
from deconv.contrast.meanings import Meanings
from deconv.contrast.scene import Scene
from deconv.figures.display import display_range, range_words

Array = NDArray[Any]

#: The pictures that are drawn, by their names in `Meanings`; those that are compared with f.
NAMES = ("sharp", "blurred", "restored", "transposed", "small", "enlarged")
COMPARED = ("blurred", "restored", "transposed", "enlarged")


@dataclass(frozen=True, eq=False)
class Rendering:
    """The pictures of `Meanings` as a screen shows them, 0 to 1, their PSNR in dB, and the set-up in words."""

    pictures: dict[str, Array]
    psnr: dict[str, float]
    setup: str


def rendering_of(scene: Scene, meanings: Meanings) -> Rendering:
    """Return the pictures as stored samples would look, one range for all, and their PSNR on these samples."""
    samples = {name: as_stored(getattr(meanings, name), scene) for name in NAMES}
    limits = display_range([samples["sharp"]])
    return Rendering(
        pictures=shown(samples),
        psnr={name: restore.psnr(samples["sharp"], samples[name], data_range=scene.span) for name in COMPARED},
        setup=_setup(scene, meanings, range_words(limits)),
    )


def shown(samples: dict[str, Array]) -> dict[str, Array]:
    """Return samples from 0 to 1, on the range that suits the sharp picture among them."""
    low, high = display_range([samples["sharp"]])
    return {name: np.clip((image - low) / (high - low), 0, 1) for name, image in samples.items()}


def as_stored(image: Array, scene: Scene) -> Array:
    """Return light as samples of the file."""
    samples = image if scene.light.light == "linear" else pictures.linear_to_srgb(image)
    return np.clip(samples, 0, 1) if scene.light.picture.has_integer_samples else samples


def _setup(scene: Scene, meanings: Meanings, shown: str) -> str:
    """Return the set-up and the laws in two lines."""
    family = scene.kernel.describe() if scene.kernel.parameters else "measured"
    noise = f"Noise: sigma {scene.noise_sigma:.3g}"
    setup = f"{scene.size}; periodic beyond the edge. Kernel: {family}. {noise}. {strength_text(meanings)}."
    setup += f" {shown.capitalize()}." if shown else ""
    return f"{setup}\nChecked on these samples: {laws_text(meanings)}."


def strength_text(meanings: Meanings) -> str:
    """Return lambda and where it is from."""
    how = "given" if meanings.rule == "given" else f"found from g by {meanings.rule}"
    return f"\N{GREEK SMALL LETTER LAMDA} = {meanings.regularization:.3g}, {how}"


def laws_text(meanings: Meanings) -> str:
    """Return the two laws that the figure states, and how exactly they hold."""
    off = meanings.deviations
    normal = "(C'C + \N{GREEK SMALL LETTER LAMDA}L'L) f = C'g"
    return (
        f"C'g is conj(H) G, off by {off['transpose_is_conj_h']:.0e} at most; the restoration solves {normal}, "
        f"off by {off['normal_equations']:.0e}"
    )
