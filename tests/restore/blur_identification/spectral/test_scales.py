"""A blur too wide for the full size is found in a smaller copy, and only there is one looked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from restore import blur, estimate_psf, psf
from restore.blur_identification.spectral.blur_models import blur_models
from restore.blur_identification.spectral.blur_search import Candidate
from restore.blur_identification.spectral.judgement import Judgement
from restore.blur_identification.spectral.samples import Samples
from restore.blur_identification.spectral.scales import breadth, deciding, reduced_sizes


def samples(image: np.ndarray, **known) -> Samples:
    return Samples.of(image, **{"jpeg": False, "step": None, **known})


def judged(factor: int, radius: float, *, drop: float = 0.5, vagueness: float = 0.02) -> Judgement:
    """A disk of `radius` pixels of the picture, seen at a size."""
    size = radius / factor
    candidate = Candidate(
        model=blur_models()["disk"],
        parameters={"radius": size},
        uncertainty={"radius": vagueness * size},
        objective=1 - drop,
        coloured=False,
    )
    return Judgement(candidates=[candidate], sharp=1.0, detail=0.0, constants={}, factor=factor)


@pytest.fixture(scope="module")
def enlarged_defocus(pictures) -> np.ndarray:
    """A disk of 3.5 pixels, stored in 8 bits and enlarged four times: one of 14."""
    seen = blur(pictures["camera"][150:300, 120:300], psf.disk(3.5), boundary="valid")
    seen = seen + np.random.default_rng(3).normal(0, 0.004, seen.shape)
    codes = Image.fromarray(np.rint(255 * np.clip(seen, 0, 1)).astype(np.uint8))
    return np.asarray(codes.resize((4 * codes.width, 4 * codes.height), Image.Resampling.BICUBIC)) / 255


def test_half_the_size_is_means_over_blocks():
    image = np.arange(5 * 6, dtype=float).reshape(5, 6, 1)
    hidden = np.zeros((5, 6), bool)
    hidden[0, 3] = True
    half = samples(image, hidden=hidden).halved()
    assert np.array_equal(half.image[..., 0], image[:4, :, 0].reshape(2, 2, 3, 2).mean(axis=(1, 3)))
    assert half.hidden.tolist() == [[False, True, False], [False, False, False]]
    assert half.factor == 2


def test_colour_becomes_luminance_and_rounding_stays_that_of_the_file():
    image = np.random.default_rng(0).uniform(size=(8, 8, 3))
    for table in (None, np.full((8, 8), 5.0)):
        full = samples(image, jpeg=False if table is None else table, step=0.1)
        half = full.halved()
        assert half.image[0, 0, 0] == pytest.approx(image[:2, :2].mean(axis=(0, 1)) @ [0.2126, 0.7152, 0.0722])
        assert half.luminance_rounding == pytest.approx(full.luminance_rounding)


def test_reduced_sizes_end_where_little_is_left():
    def factors(*shape):
        return [smaller.factor for smaller in reduced_sizes(samples(np.zeros((*shape, 1))))]

    assert factors(119, 500) == []
    assert factors(120, 500) == [2]
    assert factors(600, 3000) == [2, 4, 8]
    assert factors(2000, 2000) == [2, 4, 8, 16]


@pytest.mark.parametrize(("name", "size"), [("disk", {"radius": 5.0}), ("gaussian", {"sigma": 2.5})])
def test_breadth_is_that_of_the_disk_of_equal_variance(name, size):
    candidate = Candidate(blur_models()[name], size, size, 0.0, coloured=False)
    assert breadth(candidate) == pytest.approx(5.0, rel=0.03)


def decided(full: Judgement, *reduced: Judgement) -> Judgement:
    """What counts of judgements that are ready."""
    sizes = [replace(samples(np.zeros((2, 2, 1))), factor=j.factor) for j in reduced]
    return deciding(full, sizes, lambda size: next(j for j in reduced if j.factor == size.factor))


def test_which_size_counts():
    sharp, half, quarter = judged(1, 0.8), judged(2, 10.4), judged(4, 10.2)
    assert decided(sharp) is sharp
    assert decided(sharp, half, quarter) is half
    assert decided(judged(1, 2.0), half, quarter) is half  # what the full size shows is the trace of something else
    assert decided(judged(1, 5.5), judged(2, 3.0), judged(4, 30.0)).factor == 4
    full = judged(1, 10.0)
    assert decided(full, half, quarter) is full
    assert decided(judged(1, 10.0, drop=0.05), half, quarter) is half  # weak
    assert decided(full, precise := judged(2, 10.4, vagueness=0.008), quarter) is precise
    for unclear in (judged(2, 3.0), judged(2, 18.0), judged(2, 10.0, drop=0.05), judged(2, 10.0, vagueness=0.3)):
        assert decided(sharp, unclear) is sharp
    zeros = judged(2, 10.0, drop=0.05, vagueness=0.006)
    assert decided(sharp, zeros) is zeros


def test_what_the_full_size_is_sure_of_is_not_asked_again():
    half, quarter = judged(2, 10.4), judged(4, 10.2)
    for sure in (
        judged(1, 3.0, vagueness=0.005),
        replace(judged(1, 3.0), detail=0.4),
        replace(judged(1, 12.0), constants={"radius": 12.0}),
    ):
        assert deciding(sure, [None], lambda _: 1 / 0) is sure
        assert decided(sure, half, quarter) is sure
    assert decided(judged(1, 12.0, vagueness=0.005), judged(4, 30.0)).factor == 4


def test_beside_detail_a_blur_may_be_hidden_that_is_wide_and_no_motion():
    sharp, half, quarter = replace(judged(1, 0.8), detail=0.7), judged(2, 10.4), judged(4, 10.2)
    assert decided(sharp, half, quarter) is half
    assert decided(sharp, half, judged(4, 2.0)) is sharp  # one look at 1/4
    path = replace(quarter.best, model=blur_models()["motion"], parameters={"length": 10.0, "angle": 20.0})
    path = replace(path, uncertainty={"length": 0.1, "angle": 1.0})
    assert decided(sharp, half, replace(quarter, candidates=[path])) is sharp


def moved(judgement: Judgement, length: float, angle: float) -> Judgement:
    """The same with a straight motion in pixels of the picture, the likeliest blur, before the others."""
    size = length / judgement.factor
    path = Candidate(
        model=blur_models()["motion"],
        parameters={"length": size, "angle": angle},
        uncertainty={"length": 0.02 * size, "angle": 1.0},
        objective=judgement.best.objective,
        coloured=False,
    )
    return replace(judgement, candidates=[path, *judgement.candidates])


def test_motion_that_one_copy_shows_alone_is_a_liking_for_one_direction():
    full, half, copy = judged(1, 3.0, vagueness=0.05), judged(2, 3.2), moved(judged(4, 3.0), 28.0, 171.0)
    assert decided(full, half, copy) is full
    for length, angle in ((40.0, 171.0), (28.0, 155.0)):
        assert decided(full, moved(half, length, angle), copy) is not copy
    witness = moved(half, 26.0, 3.0)  # 12 degrees from 171
    assert decided(full, witness, copy) is not copy
    witness = moved(half, 26.0, 178.0)
    other = replace(witness, candidates=witness.candidates[::-1])  # not the likeliest there
    assert decided(full, other, copy) is copy
    assert decided(full, moved(half, 28.0, 1.0), moved(judged(4, 3.0), 28.0, 179.0)).best.model.has_angle


def test_a_wide_defocus_is_found_at_a_reduced_size(enlarged_defocus):
    found = estimate_psf(enlarged_defocus, family="disk", jpeg=False)
    assert (found.family, found.confidence) == ("disk", "confident")
    assert found.reduction > 1
    assert found.parameters["radius"] == pytest.approx(14.0, rel=0.03)
    assert found.uncertainty["radius"] == pytest.approx(0.14, rel=0.7)
    assert f"seen at 1/{found.reduction} of the size" in found.verdict
    assert np.array_equal(found.psf, psf.disk(**found.parameters))


def test_masked_samples_stay_unseen_at_reduced_sizes(enlarged_defocus):
    painted = enlarged_defocus.copy()
    box = np.s_[100:220, 160:330]
    painted[box] = np.random.default_rng(1).uniform(size=painted[box].shape)
    mask = np.zeros(painted.shape, bool)
    mask[box] = True
    found = estimate_psf(painted, family="disk", jpeg=False, mask=mask)
    assert found.parameters["radius"] == pytest.approx(14.0, rel=0.03)


def test_strong_coloured_noise_does_not_hide_a_wide_blur(pictures):
    scene = np.kron(pictures["camera"][100:250, 100:250], np.ones((3, 3)))
    seen = blur(scene, psf.disk(11.0), boundary="valid")
    noise = np.random.default_rng(2).normal(0, 0.03, seen.shape)
    image = seen + ndimage.convolve(noise, np.outer([1, 3, 1], [1, 3, 1]) / 25)
    found = estimate_psf(image, family="disk", jpeg=False)
    assert found.parameters["radius"] == pytest.approx(11.0, rel=0.05)
    assert found.confidence == "confident"
