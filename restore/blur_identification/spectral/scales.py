"""A blur wider than a search at full size can see, found at 1/2, 1/4, ... of the size.

A wide blur, and every enlargement, leave the upper frequencies of a picture empty: what is there is noise, rounding and
the traces of interpolation, and a fit to them sees no blur, or a small one that is none. At a reduced size these
frequencies are gone, and the same blur is a small one. There it is trusted where it measures some pixels: less and it
is softness, more and it is a matter of the next smaller size.

The smallest size at which a blur shows clearly says that there is one, and about how wide it is. Of the sizes that
agree with it the largest counts, since it has the most samples, and the full size is one of them whatever it measures
there; but a weak estimate comes after a confident one, and one without zeros after one that they fix precisely. A blur
that only the full size shows, as a small one does, stays.

Most pictures are spared the search. Zeros that fix a narrow blur precisely leave no question. Where there is detail up
to the highest frequencies, or noise that looks like it, a blur found at full size is one; and where none was found, one
look at 1/4 tells whether a wide one is hidden. The path of a shaken camera seems straight in a small copy: beside
detail, motion is not believed there. A few edges of one direction do too: motion that only a copy shows must show in
another size as well, at about the same length and angle, if only as the best motion there.

Reference: L. Yuan, J. Sun, L. Quan and H.-Y. Shum, Progressive inter-scale and intra-scale non-blind image
deconvolution, ACM Trans. Graph. 27(3), 2008 (blur at several scales).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from restore.blur_identification.spectral.blur_search import Candidate
from restore.blur_identification.spectral.judgement import Judgement
from restore.blur_identification.spectral.samples import Samples

#: The shortest edge of a reduced picture, and the most that a picture is reduced.
SHORTEST_REDUCED = 60
LARGEST_FACTOR = 16
#: The share of the picture in the upper half of its frequencies up to which they are empty: it is 0 to 0.12 in enlarged
#: and in widely blurred pictures, 0.2 to 0.7 in shaken and 0.5 to 1 in sharp ones.
LITTLE_DETAIL = 0.15
#: The breadths, in reduced pixels, between which a blur is trusted, and by which factor two that agree may differ.
NARROWEST, WIDEST = 2.0, 8.0
AGREEMENT = 1.3
#: By which factor the lengths of a motion at two sizes may differ, and by how many degrees its angles: those of true
#: motions did by 1.08 and 4, those of mistaken ones had lengths 1.6 to 4.5 times apart.
SAME_LENGTH, SAME_ANGLE = 1.2, 10.0
#: A size known as well as this was read off several zeros of the spectrum: however small the drop, it is no accident.
PRECISE = 0.01


def reduced_sizes(samples: Samples) -> Iterator[Samples]:
    """Yield the picture at 1/2, 1/4, ... of its size, as long as enough of it is left."""
    while min(samples.image.shape[:2]) >= 2 * SHORTEST_REDUCED and samples.factor < LARGEST_FACTOR:
        samples = samples.halved()
        yield samples


def deciding(full: Judgement, sizes: Sequence[Samples], judged: Callable[[Samples], Judgement]) -> Judgement:
    """Return the judgement that counts: that of the full size, or of one of the reduced `sizes`, the largest first."""
    if full.is_given or (full.best.vagueness <= PRECISE and _is_clear(full)):
        return full
    if full.detail <= LITTLE_DETAIL:
        return _reconciled(full, [judged(size) for size in sizes])
    if full.confidence != "none":
        return full
    hidden = [judgement for judgement in map(judged, sizes[1::2]) if _is_hidden(judgement)]
    if not hidden:
        return full
    larger = [judged(size) for size in sizes if size.factor < hidden[-1].factor]
    return _reconciled(full, [*filter(_is_hidden, larger), hidden[-1]])


def _reconciled(full: Judgement, reduced: Sequence[Judgement]) -> Judgement:
    clear = [j for j in reduced if _is_clear(j) and _is_corroborated(j, [full, *reduced])]
    if not clear:
        return full
    agreeing = [j for j in (full, *clear) if j.confidence != "none" and _agree(j, clear[-1])]
    return min(agreeing, key=lambda j: (j.confidence == "weak", j.best.vagueness > PRECISE))


def breadth(candidate: Candidate) -> float:
    """Return the radius of the disk with as much variance as a blur, in its own pixels."""
    psf = candidate.model.family.draw(**candidate.parameters)
    rows, columns = (np.arange(n) - n // 2 for n in psf.shape)
    return float(np.sqrt(2 * (psf.sum(axis=1) @ rows**2 + psf.sum(axis=0) @ columns**2)))


def _is_clear(judgement: Judgement) -> bool:
    """Return whether a size shows a blur that is trusted there."""
    if judgement.confidence == "none" or not NARROWEST <= breadth(judgement.best) <= WIDEST:
        return False
    return judgement.confidence == "confident" or judgement.best.vagueness <= PRECISE


def _is_hidden(judgement: Judgement) -> bool:
    """Return whether a reduced size clearly shows a blur, and no motion."""
    return _is_clear(judgement) and not judgement.best.model.has_angle


def _agree(one: Judgement, other: Judgement) -> bool:
    """Return whether two sizes show a blur of about the same breadth."""
    ratio = one.factor * breadth(one.best) / (other.factor * breadth(other.best))
    return 1 / AGREEMENT <= ratio <= AGREEMENT


def _is_corroborated(judgement: Judgement, sizes: Sequence[Judgement]) -> bool:
    """Return whether a blur with an angle is the best such one at another size too; any other blur needs no witness."""
    if not judgement.best.model.has_angle:
        return True
    witnesses = [j.enlarged(c) for j in sizes if j.factor != judgement.factor for c in j.candidates]
    return any(_is_same_motion(judgement.enlarged(judgement.best), witness) for witness in witnesses)


def _is_same_motion(one: Candidate, other: Candidate) -> bool:
    if other.model.name != one.model.name:
        return False
    lengths, angle = one.size / other.size, one.model.parameters[-1]
    turn = abs((one.parameters[angle] - other.parameters[angle] + 90) % 180 - 90)
    return 1 / SAME_LENGTH <= lengths <= SAME_LENGTH and turn <= SAME_ANGLE
