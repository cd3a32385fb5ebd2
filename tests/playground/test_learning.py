"""The layer that learns on the page: the packages' descent, best kernel and Wiener filter, and a bench to watch it."""

import re

import numpy as np
import pytest

import restore
import upsample

TASKS = {"restore": {"stride": 1, "size": 11}, "enlarge": {"stride": 2, "size": 8}}
SIGMA, NOISE = 1.2, 0.04


def lesson(page, task):
    """What the bench gives its layer, the answer and where it starts."""
    page.set(lesson_task=task)
    rows = "(names) => names.map((name) => Grid.toRows(LearningBench.lesson()[name]))"
    return [np.array(grid) for grid in page.call(rows, ["given", "answer", "start"])]


def kernel(page):
    return np.array(page.call("() => Grid.toRows(LearningBench.kernel())"))


def decibels(page, name):
    return float(page.text(f"lesson-{name}-score").removeprefix("PSNR ").removesuffix(" dB"))


def psnr(error):
    return -10 * np.log10(error)


@pytest.mark.parametrize("task", TASKS)
def test_a_descent_is_that_of_the_package(arithmetic, task):
    """Without chance: one crop, and that the whole picture. Later steps part, for Adam divides rounding by rounding."""
    given, answer, start = lesson(arithmetic, task)
    descend = """(task, steps, rate) => {
        const { problem, start } = LearningBench.lesson();
        const descent = Learning.descent(problem, start, steps, rate);
        for (let i = 0; i < steps; i++) descent.step();
        return [Grid.toRows(descent.kernel), descent.errors];
    }"""
    found, errors = arithmetic.call(descend, task, 30, 0.01)
    options = {"steps": 30, "rate": 0.01, "batch": 1, "crop": 128, "border": "periodic", "start": start[None, None]}
    learned = upsample.descend_kernel([(given, answer)], **TASKS[task], **options)
    np.testing.assert_allclose(found, learned.weight[0, 0], atol=1e-7)
    np.testing.assert_allclose(errors, learned.curve[:-1], rtol=1e-7)


@pytest.mark.parametrize("task", TASKS)
def test_the_best_kernel_is_that_of_the_package(arithmetic, task):
    given, answer, start = lesson(arithmetic, task)
    best = np.array(arithmetic.call("() => Grid.toRows(LearningBench.lesson().best)"))
    learned = upsample.learn_kernel([(given, answer)], **TASKS[task], border="periodic")
    np.testing.assert_allclose(best, learned.weight[0, 0], atol=1e-5)  # the ridge pulls towards another start
    made = "({ problem, best } = LearningBench.lesson()) => Grid.toRows(Learning.layer(problem, best))"
    np.testing.assert_allclose(arithmetic.call(made), learned(given[None])[0], atol=1e-5)
    if task == "enlarge":
        np.testing.assert_allclose(start, np.pad(upsample.bilinear_kernel(2), 2), atol=1e-15)
        np.testing.assert_allclose(given, answer.reshape(64, 2, 64, 2).mean(axis=(1, 3)), atol=1e-15)


def wiener(psf, sharp):
    """conj(H) / (|H|^2 + noise / S), S the mean of |F|^2 over rings, and the filter's own means over rings."""
    rings = np.rint(np.hypot(*np.meshgrid(np.fft.fftfreq(128), np.fft.fftfreq(128))) * 128).astype(int)
    mean = lambda values: np.bincount(rings.ravel(), values.ravel()) / np.bincount(rings.ravel())  # noqa: E731
    power = mean(np.abs(np.fft.fft2(sharp)) ** 2 / sharp.size)[rings]
    otf = np.fft.fft2(np.roll(np.pad(psf, [(0, 128 - n) for n in psf.shape]), [-(n // 2) for n in psf.shape], (0, 1)))
    gain = np.conj(otf) / (np.abs(otf) ** 2 + NOISE**2 / power)
    return gain, mean(gain.real)[:65], mean(otf.real)[:65]


def test_the_layer_that_restores_starts_as_the_transpose_and_goes_to_the_wiener_filter(page):
    given, answer, start = lesson(page, "restore")
    psf = restore.psf.gaussian(SIGMA)
    np.testing.assert_allclose(start, psf, atol=1e-15)
    gain, goal, transpose = wiener(psf, answer)
    curves = page.call("() => LearningBench.responses()")
    np.testing.assert_allclose(curves["wiener"], goal, atol=1e-9)
    np.testing.assert_allclose(curves["start"], transpose, atol=1e-12)
    filtered = np.fft.ifft2(np.fft.fft2(given) * gain).real
    scores = {"given": given, "start": restore.blur(given, psf, boundary="periodic"), "goal": filtered}
    for name, image in scores.items():
        assert decibels(page, name) == pytest.approx(psnr(np.mean((image - answer) ** 2)), abs=0.051), name
    assert page.text("lesson-verdict").startswith("Untrained, the layer is the transpose")

    page.element("learn-all").click()
    best = upsample.learn_kernel([(given, answer)], **TASKS["restore"], border="periodic")
    assert decibels(page, "now") == pytest.approx(psnr(best.training_error), abs=0.1)
    assert decibels(page, "now") > decibels(page, "given") + 1.5
    assert abs(decibels(page, "now") - decibels(page, "goal")) < 0.2
    assert page.text("lesson-verdict").startswith("It restores: ")
    now = np.array(page.call("() => LearningBench.responses().now"))
    assert np.sqrt(np.mean((now - goal) ** 2)) < 0.15 < 0.7 < np.sqrt(np.mean((transpose - goal) ** 2))
    path = page.call("() => document.querySelector('#response-plot .line-learn').getAttribute('d')")
    heights = np.array([float(y) for y in re.findall(r" ([\d.]+)", path)])
    np.testing.assert_allclose((222 - heights) / 212 * 2.5, np.clip(now, 0, 2.5), atol=0.002)
    assert not page.element("learn-all").is_enabled()


def test_the_layer_that_enlarges_beats_bilinear_and_leaves_no_checkerboard(page):
    given, answer, _ = lesson(page, "enlarge")
    assert not page.element("lesson-responses").is_displayed()
    page.element("learn-all").click()
    best = upsample.learn_kernel([(given, answer)], **TASKS["enlarge"], border="periodic")
    assert decibels(page, "now") == pytest.approx(psnr(best.training_error), abs=0.08)
    assert decibels(page, "now") > decibels(page, "start") + 1.5
    sums = np.array(page.table("sums-grid"), float)
    np.testing.assert_allclose(sums, upsample.checkerboard(kernel(page), 2).phase_sums, atol=6e-4)
    assert "no checkerboard" in page.text("sums-note")


def test_learn_runs_until_it_is_stopped_by_keyboard_and_starts_again(page):
    from selenium.webdriver.common.keys import Keys

    learn, steps = page.element("learn"), lambda: int(page.text("lesson-count").split()[1])
    assert steps() == 0
    assert not page.element("unlearn").is_enabled()
    learn.send_keys(Keys.ENTER)
    assert learn.text == "Stop"
    page.wait(lambda: steps() > 20)
    learn.send_keys(Keys.SPACE)
    assert learn.text == "Learn"
    stopped = steps()
    assert 20 < stopped < 1200
    page.element("learn-some").send_keys(Keys.ENTER)
    assert steps() == stopped + 50
    assert f"after {stopped + 50} steps" in page.text("lesson-verdict")
    learn.send_keys(Keys.ENTER)
    page.set(lesson_picture="chart")  # another lesson ends this one
    assert learn.text == "Learn"
    assert steps() == 0
    page.element("learn-some").click()
    page.element("unlearn").click()
    assert steps() == 0
    np.testing.assert_allclose(kernel(page), restore.psf.gaussian(SIGMA), atol=1e-15)


def test_less_motion_leaves_the_steps(page):
    page.open(still=True)
    assert not page.element("learn").is_displayed()
    assert page.element("lesson-still").is_displayed()
    page.element("learn-some").click()
    assert page.text("lesson-count") == "Step 50 of 1200"
