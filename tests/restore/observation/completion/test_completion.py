"""Completing a cropped picture against the least squares problem it stands for, solved densely."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from restore import blur, constrained_least_squares, degrade, psf
from restore.observation.boundary import extend
from restore.observation.completion import coarse_unknown, completion, normal_equations
from restore.observation.completion.completion import LEVELS, Level, complete
from restore.observation.unknown import Unknown
from restore.operators.otf import OTF

WEIGHT = 0.02


def masked_least_squares(data, seen, kernel, oracle):
    """argmin over f on the grid of |g - h * f|^2 over the seen data + lambda |grad f|^2."""
    shape = data.shape
    matrix = oracle.convolution_matrix(kernel, shape)
    charge = np.zeros((data.size, data.size))
    for axis in range(len(shape)):
        step = np.zeros([3 if a == axis else 1 for a in range(len(shape))])
        step.flat[1:] = 1, -1
        difference = oracle.convolution_matrix(step, shape)
        charge += difference.T @ difference
    part = matrix[seen.ravel()]
    estimate = np.linalg.solve(part.T @ part + WEIGHT * charge, part.T @ data[seen])
    return estimate.reshape(shape), (matrix @ estimate).reshape(shape)


@pytest.mark.parametrize(
    ("shape", "size"), [((9, 10), (3, 3)), ((8, 11), (4, 2)), ((30,), (5,)), ((4, 5, 4), (3, 2, 3))], ids=str
)
def test_converges_to_the_least_squares_solution(shape, size, oracle):
    kernel = oracle.asymmetric(size)
    picture = np.random.default_rng(0).random(shape)
    data, frame = extend(picture, kernel, "unknown")
    outside = np.ones(data.shape, bool)
    outside[frame] = False
    estimate, predicted = masked_least_squares(data, ~outside, kernel, oracle)
    complete(
        data[..., None],
        OTF(kernel, data.shape, np.float64),
        Unknown(frame, around=True),
        WEIGHT,
        level=Level((), 300, 0.0),
    )
    assert_allclose(data[outside], predicted[outside], rtol=0, atol=1e-8)  # 300 steps, condition up to 1e4
    assert_allclose(data[frame], picture, rtol=0, atol=0)
    # The circular filter of the completed data is the restoration that knows nothing about the outside.
    circular = constrained_least_squares(data, kernel, regularization=WEIGHT, operator="gradient", boundary="periodic")
    assert_allclose(circular, estimate, rtol=0, atol=1e-7)


def test_channels_are_completed_alike(oracle):
    picture, kernel = np.random.default_rng(0).random((12, 14, 3)), oracle.asymmetric((4, 3))
    data, frame = extend(picture, kernel, "unknown")
    complete(data, OTF(kernel, data.shape[:2], np.float64), Unknown(frame, around=True), WEIGHT)
    for c in range(3):
        plane, _ = extend(picture[..., c], kernel, "unknown")
        complete(plane[..., None], OTF(kernel, plane.shape, np.float64), Unknown(frame, around=True), WEIGHT)
        assert_allclose(data[..., c], plane, rtol=0, atol=1e-10)


def test_a_few_steps_come_near(pictures):
    """The stages that ship take most of the membrane's error out of the restored frame."""
    kernel = psf.motion(15, 30)
    observed = degrade(pictures["camera"][100:240, 150:300], kernel, bsnr=40, rng=0, boundary="valid")
    start, frame = extend(observed, kernel, "unknown")
    otf = OTF(kernel, start.shape, np.float64)

    def restored(data):
        return constrained_least_squares(data, kernel, regularization=1e-3, operator="gradient", boundary="periodic")[
            frame
        ]

    data, exact = start.copy(), start.copy()
    complete(data[..., None], otf, Unknown(frame, around=True), 1e-3)
    converged = Level(((1000.0, 5), (100.0, 10), (10.0, 30)), 200, 0.0)
    complete(exact[..., None], otf, Unknown(frame, around=True), 1e-3, level=converged)
    errors = [np.linalg.norm(restored(x) - restored(exact)) for x in (data, start)]
    assert errors[0] < 0.3 * errors[1]


def test_nothing_to_complete():
    picture = np.random.default_rng(0).random((16, 16))
    data, frame = extend(picture, np.ones((1, 1)), "unknown")
    assert data is not picture
    complete(data[..., None], OTF(np.ones((1, 1)), data.shape, np.float64), Unknown(frame, around=True), WEIGHT)
    assert_allclose(data, picture, rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_flat_picture_stays_flat(dtype, oracle):
    kernel = oracle.asymmetric((4, 7))
    flat = np.full((14, 15), 0.7, dtype)
    found = constrained_least_squares(flat, kernel, regularization=0.01)
    assert_allclose(found, flat, rtol=1e3 * np.finfo(dtype).eps)
    assert_allclose(blur(flat, kernel, boundary="unknown"), flat, rtol=1e2 * np.finfo(dtype).eps)


@pytest.mark.parametrize("kernel", [psf.disk(5), psf.motion(15, 30)], ids=["disk", "motion"])
def test_a_higher_level_comes_nearer(kernel, pictures):
    observed = degrade(pictures["camera"][100:260, 150:320], kernel, bsnr=45, rng=0, boundary="valid")
    start, frame = extend(observed, kernel, "unknown")
    otf, unknown = OTF(kernel, start.shape, np.float64), Unknown(frame, around=True)
    noise = np.var(observed) * 10**-4.5
    exact = start.copy()
    complete(exact[..., None], otf, unknown, 3e-4, level=Level(((1000.0, 5), (100.0, 10), (10.0, 30)), 200, 0.0))
    errors = []
    for level in ("unknown-fast", "unknown", "unknown-full"):
        data = start.copy()
        complete(data[..., None], otf, unknown, 3e-4, noise, LEVELS[level])
        errors.append(np.linalg.norm(data - exact))
    assert errors[0] > errors[1] > errors[2]


def test_more_noise_takes_fewer_steps(monkeypatch, pictures):
    kernel = psf.disk(4)
    observed = degrade(pictures["camera"][100:228, 150:278], kernel, bsnr=50, rng=0, boundary="valid")
    counts = []
    for noise in (1e-9, 1e-4, 1e-1):
        passes = []
        plain = normal_equations.filtered
        monkeypatch.setattr(
            normal_equations, "filtered", lambda *a, plain=plain, passes=passes, **k: passes.append(1) or plain(*a, **k)
        )
        data, frame = extend(observed, kernel, "unknown")
        otf = OTF(kernel, data.shape, np.float64)
        complete(data[..., None], otf, Unknown(frame, around=True), 1e-3, noise)
        monkeypatch.undo()
        counts.append(len(passes))
    assert counts[0] > counts[1] > counts[2]


@pytest.mark.parametrize(
    ("kernel", "masked"),
    [(psf.disk(4), "no"), (psf.motion(15, 30), "alike"), (psf.disk(4), "by channel")],
    ids=["disk-no", "motion-alike", "disk-by channel"],
)
def test_a_coarse_grid_takes_fewer_steps_to_the_same(kernel, masked, pictures, monkeypatch):
    """In colour, where the frame and a mask are known; its price is counted in samples of the full size."""
    gray = pictures["camera"][100:300, 150:360]
    sharp = np.stack([gray, 0.7 * gray + 0.2 * gray[::-1], 0.9 * gray], axis=-1)
    observed = degrade(sharp, kernel, noise_sigma=0.01, rng=0, boundary="valid", channel_axis=-1)
    start, frame = extend(observed, kernel, "unknown")
    mask = np.zeros(observed.shape)
    if masked != "no":
        mask[60:72, 80:110, : 1 if masked == "by channel" else 3] = 1
    start[frame][mask > 0] = 0.5
    otf, unknown = OTF(kernel, start.shape[:2], np.float64), Unknown(frame, True, mask if mask.any() else None)
    exact, plain, fast = start.copy(), start.copy(), start.copy()
    complete(exact, otf, unknown, 1e-3, level=Level(((1000.0, 5), (100.0, 10), (10.0, 30)), 50, 0.0))
    prices = []
    real = normal_equations.filtered
    monkeypatch.setattr(
        normal_equations,
        "filtered",
        lambda values, *a, **k: prices.append(values.size / start.size) or real(values, *a, **k),
    )
    complete(plain, otf, unknown, 1e-3, 0.01**2)
    price = sum(prices)
    prices.clear()
    monkeypatch.setattr(coarse_unknown, "LEAST_SIZE", 32)
    wrong = complete(fast, otf, unknown, 1e-3, 0.01**2)
    assert sum(prices) < 0.85 * price
    assert_allclose(fast[frame][mask == 0], start[frame][mask == 0], rtol=0, atol=0)
    restored = [
        constrained_least_squares(
            data, kernel, regularization=1e-3, operator="gradient", boundary="periodic", channel_axis=-1
        )[frame]
        for data in (exact, fast, plain, start)
    ]
    errors = [np.sqrt(np.mean((picture - restored[0]) ** 2)) for picture in restored[1:]]
    assert errors[0] < 2 * errors[1]
    assert errors[0] < 0.2 * errors[2]
    assert 0 < np.mean(wrong) < 0.01**2


def test_beside_little_noise_the_last_stages_follow_at_full_size(pictures, monkeypatch):
    kernel = psf.disk(4)
    observed = degrade(pictures["camera"][100:300, 150:360], kernel, noise_sigma=1e-4, rng=0, boundary="valid")
    start, frame = extend(observed, kernel, "unknown")
    otf, unknown = OTF(kernel, start.shape, np.float64), Unknown(frame, True)
    exact, plain, staged, not_staged = (start.copy() for _ in range(4))
    complete(exact[..., None], otf, unknown, 1e-5, level=Level(((1000.0, 5), (100.0, 10), (10.0, 30)), 100, 0.0))
    level = replace(LEVELS["unknown"], further=0)
    complete(plain[..., None], otf, unknown, 1e-5, 1e-8, level)
    monkeypatch.setattr(coarse_unknown, "LEAST_SIZE", 32)
    complete(staged[..., None], otf, unknown, 1e-5, 1e-8, level)
    monkeypatch.setattr(completion, "FAR", np.inf)
    complete(not_staged[..., None], otf, unknown, 1e-5, 1e-8, level)
    restored = [
        constrained_least_squares(data, kernel, regularization=1e-5, operator="gradient", boundary="periodic")[frame]
        for data in (exact, staged, plain, not_staged)
    ]
    errors = [np.sqrt(np.mean((picture - restored[0]) ** 2)) for picture in restored[1:]]
    assert errors[0] < min(2 * errors[1], errors[2]), errors
