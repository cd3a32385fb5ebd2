"""Which method restores a picture where nobody names one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from restore.methods.method import METHODS, Method
from restore.methods.patches.nonlocal_patches import SHORTEST

#: The method by the word for what a restoration may cost: a linear filter; up to four times its price; what it takes.
QUALITIES = {"fast": "wiener", "good": "aggregate", "best": "aggregate_patches"}
USUAL = "good"
#: That of the usual quality beside a PSF with errors: others ring loudly there. Why, in words.
BESIDE_ERRORS, THEN = "hyper_laplacian", "the PSF has errors, beside which others ring"


def chosen(quality: str, arguments: Mapping[str, Any], shape: Sequence[int], *, psf_has_errors: bool = False) -> Method:
    """Return the method of a quality for a picture of spatial `shape`.

    An argument that only other methods have chooses among those: who gives `nsr` means `wiener`.
    """
    name = BESIDE_ERRORS if psf_has_errors and quality == USUAL else QUALITIES[quality]
    if name == QUALITIES["best"] and (len(shape) != 2 or min(shape) < SHORTEST):  # no room for patches
        name = QUALITIES["good"]
    candidates = [METHODS[name], *(METHODS[other] for other in QUALITIES.values()), *METHODS.values()]
    needed = {argument for argument, value in arguments.items() if value is not None}
    return next((method for method in candidates if needed <= method.arguments.keys()), METHODS[name])
