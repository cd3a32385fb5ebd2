"""Whether a kernel leaves a checkerboard, in sentences: why, and what would help."""

from __future__ import annotations

import numpy as np

from upsample import Enlargement


def verdict(enlargement: Enlargement) -> tuple[str, ...]:
    """Return whether the kernel leaves a checkerboard, and why, one sentence each."""
    diagnosis = enlargement.diagnosis
    taps = sorted({int(n) for n in diagnosis.overlap.ravel()})
    counts = f"Away from the border {_listed(taps)} tap{'s' * (taps != [1])} reach{'es' * (taps == [1])} a sample"
    if diagnosis.even and len(taps) == 1:
        return ("No checkerboard.", f"{counts}, and the taps of every phase add up to the same.")
    if diagnosis.even:
        return ("No checkerboard.", f"{counts}, but their weights balance: every phase adds up to the same.")
    share = "without bound" if np.isinf(diagnosis.imbalance) else f"by up to {diagnosis.imbalance:.0%}"
    why = f"{counts}; the sums of the phases differ from their mean {share}."
    return ("Checkerboard.", why, _remedy(enlargement, taps))


def _remedy(enlargement: Enlargement, taps: list[int]) -> str:
    if taps[0] == 0:
        return "The kernel is smaller than the stride and leaves holes: take a larger one."
    if any(k % s for k, s in zip(enlargement.weight.shape[2:], enlargement.stride, strict=True)):
        return "A kernel size that the stride divides gives every sample equally many taps."
    return "The stride divides the kernel size, but the weights do not balance: start from bilinear or icnr."


def _listed(numbers: list[int]) -> str:
    if len(numbers) > 5:
        return f"{numbers[0]} to {numbers[-1]}"
    return " or ".join(filter(None, (", ".join(map(str, numbers[:-1])), str(numbers[-1]))))
