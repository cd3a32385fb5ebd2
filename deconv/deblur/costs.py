"""How long the stages of a run take: what its progress is divided by, and the time left before any is measured."""

from __future__ import annotations

from collections.abc import Sequence

from deconv.deblur.request import DeblurRequest
from restore.methods.automatic import USUAL, chosen
from restore.methods.method import METHODS, Method
from restore.methods.stage_costs import stage_costs
from restore.methods.varying.varying_method import CHOSEN

#: Seconds that one unit of a method's effort takes for a million samples, on two cores of 2020.
EFFORT = 0.16
#: Seconds that looking for a blur takes, of a family and of any shape: in any picture, per million samples, at most.
FAMILIES, SHAKE = (1.0, 0.2, 8.0), (10.0, 0.5, 30.0)
#: Seconds that a million samples take to be written, and to be drawn in a figure or a page.
WRITING, DRAWING = 0.01, 0.15
#: How many PSFs a card tries.
VARIANTS = 4


def run_costs(
    request: DeblurRequest, shape: Sequence[int], samples: int, *, is_psf_known: bool = False
) -> dict[str, float]:
    """Return about how many seconds each stage takes, for planes of `shape` with so many samples in all.

    >>> from deconv.serve.command import request_for
    >>> request = request_for(["deblur", "photo.png", "--no-figure"])
    >>> {name: round(seconds, 1) for name, seconds in run_costs(request, (300, 400), 120_000).items()}
    {'looking': 1.0, 'restoring': 0.3, 'writing': 0.3}
    """
    millions = samples / 1e6
    first, more, most = SHAKE if request.psf.psf == "blind" else FAMILIES
    restoring = EFFORT * millions * sum(_stages(request, shape).values())
    judging, destination = request.judging, request.destination
    drawn = int(not destination.no_figure) + int(judging.page is not None)
    return {
        "looking": 0.0 if is_psf_known else min(first + more * millions, most),
        "restoring": restoring,
        "writing": 0.3 + (WRITING + DRAWING * drawn) * millions + VARIANTS * restoring * (judging.card is not None),
    }


def _stages(request: DeblurRequest, shape: Sequence[int]) -> dict[str, float]:
    return stage_costs(_method(request, shape), shape, looks=request.unknown.outliers != "keep")


def _method(request: DeblurRequest, shape: Sequence[int]) -> Method:
    choice = request.method
    if choice.name in METHODS:
        return METHODS[choice.name]
    if request.psf.grid is not None:
        return METHODS[CHOSEN[choice.quality or USUAL]]
    has_errors = request.psf.psf == "blind"
    return chosen(choice.quality or USUAL, choice.arguments, shape, psf_has_errors=has_errors)
