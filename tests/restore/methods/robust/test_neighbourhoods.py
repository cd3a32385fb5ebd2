"""Only the surroundings of samples that cannot be right are looked at, with the result of a look at everything."""

import numpy as np

import restore
from restore.methods.robust import neighbourhoods
from restore.methods.robust.neighbourhoods import parts_around
from restore.observation.observation import observe

H = restore.psf.disk(3)


def test_parts_cover_what_is_suspect(monkeypatch):
    monkeypatch.setattr(neighbourhoods, "CELL", 20)
    monkeypatch.setattr(neighbourhoods, "LEAST_MARGIN", 5)
    monkeypatch.setattr(neighbourhoods, "MOST", 50)
    observation = observe(np.random.default_rng(0).random((65, 47)), np.ones((1, 3)) / 3, "unknown", completed=False)
    counts, everywhere = np.zeros((65, 47), int), np.ones((65, 47), bool)
    for part in parts_around(everywhere, observation):
        counts[part.core] += 1
        picture = part.of(observation).picture[..., 0]
        assert np.array_equal(picture[part.inner], observation.picture[part.core][..., 0])
    assert np.all(counts == 1)
    corner = np.zeros((65, 47), bool)
    corner[-1, -1] = True
    (part,) = parts_around(corner, observation)
    assert part.core[0].stop == 65
    assert part.core[1].stop == 47


def test_of_a_cell_only_what_lies_around_its_suspects_is_looked_at():
    observation = observe(np.zeros((900, 800)), H, "unknown", completed=False)
    suspects = np.zeros((900, 800), bool)
    suspects[[100, 120], [200, 210]] = True
    (part,) = parts_around(suspects, observation)
    assert part.core == (slice(36, 185), slice(136, 275))
    assert part.window == (slice(0, 249), slice(72, 339))
    assert part.inner == (slice(36, 185), slice(64, 203))


def test_most_of_a_picture_is_all_of_it():
    observation = observe(np.random.default_rng(0).random((65, 47)), H, "unknown", completed=False)
    assert parts_around(np.ones((65, 47), bool), observation) is None
    periodic = observe(np.random.default_rng(0).random((65, 47)), H, "periodic", completed=False)
    assert parts_around(np.zeros((65, 47), bool), periodic) is None


def test_the_result_is_that_of_the_whole(pictures, monkeypatch):
    sharp = 0.6 * pictures["camera"][40:300, 60:340]
    observed = np.round(255 * restore.degrade(sharp, H, noise_sigma=0.004, rng=1).clip(0, 1)) / 255
    observed[50:70:3, 70:90:4] = 1.0
    mask = np.zeros(observed.shape, bool)
    mask[200:210, 100:120] = True
    whole = restore.deconvolve(observed, H, method="hyper_laplacian", mask=mask, white_level=np.inf)
    for name, value in (("CELL", 64), ("LEAST_MARGIN", 24), ("MOST", 1.0)):
        monkeypatch.setattr(neighbourhoods, name, value)
    parts = restore.deconvolve(observed, H, method="hyper_laplacian", mask=mask, white_level=np.inf)
    assert whole.contradictions.wrong[50:70:3, 70:90:4].all()
    assert parts.contradictions.wrong[50:70:3, 70:90:4].all()
    errors = [np.mean((some.image - sharp) ** 2) for some in (whole, parts)]
    assert errors[1] < 1.03 * errors[0]
    assert not np.array_equal(whole.image, parts.image)
