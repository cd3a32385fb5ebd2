"""The restoration bench shows what Python computes from the same settings, and says what is true of it."""

import re

import numpy as np
import pytest

import restore
import upsample

HALF = {"stride": 2, "padding": 1}
CANVASES = ("original", "observed", "restored", "transposed-picture", "map", "enlarged")


def pixels(page, canvas):
    """Read the gray values of a canvas back."""
    read = """(id) => {
        const canvas = document.getElementById(id);
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return [canvas.height, canvas.width, Array.from(data)];
    }"""
    rows, cols, data = page.call(read, canvas)
    rgba = np.array(data).reshape(rows, cols, 4)
    assert np.all(rgba[..., 3] == 255)
    assert np.all(rgba[..., :3] == rgba[..., :1])
    return rgba[..., 0]


def computed(page):
    """Every picture of the bench, by the packages, from the page's settings, original and noise."""
    now = page.call("() => RestorationBench.settings()")
    original = np.array(page.call(f"() => Grid.toRows(Pictures.{now['picture']}())"))
    noise = np.array(page.call("() => Grid.toRows(Noise.gaussian(128, 128, 7))"))
    sizes = (now["size"], now["angle"]) if now["blur"] == "motion" else (now["size"],)
    psf = getattr(restore.psf, now["blur"])(*sizes)
    observed = restore.blur(original, psf, boundary="periodic") + now["noise"] * noise
    if now["method"] == "wiener":
        restored = restore.wiener(observed, psf, nsr=now["strength"], boundary="periodic")
    else:
        restored = restore.constrained_least_squares(observed, psf, regularization=now["strength"], boundary="periodic")
    kernel = upsample.bilinear_kernel(2)[None, None]
    small = upsample.conv(observed[None], kernel / 4, **HALF)
    return psf, {
        "original": original,
        "observed": observed,
        "restored": restored,
        "transposed-picture": restore.blur(observed, psf[::-1, ::-1], boundary="periodic"),
        "map": small[0],
        "enlarged": upsample.conv_transpose(small, kernel, **HALF)[0],
    }


def decibels(page, name):
    return float(page.text(f"{name}-score").removeprefix("PSNR ").removesuffix(" dB").replace("\N{MINUS SIGN}", "-"))


def assert_shown(page):
    """Every canvas and score is what Python computes, in the one display range from 0 to 1."""
    psf, expected = computed(page)
    for name in CANVASES:
        found, image = pixels(page, name), np.rint(255 * np.clip(expected[name], 0, 1))
        assert found.shape == image.shape
        assert np.abs(found - image).max() <= 1, name  # a tie may fall to either side
        assert np.mean(found != image) < 1e-3, name
    np.testing.assert_allclose(pixels(page, "kernel"), np.rint(255 * psf / psf.max()), atol=1)
    for score, name in (("observed",) * 2, ("restored",) * 2, ("transposed", CANVASES[3]), ("enlarged",) * 2):
        psnr = -10 * np.log10(np.mean((expected[name] - expected["original"]) ** 2))
        assert decibels(page, score) == pytest.approx(psnr, abs=0.051), name


def test_it_opens_with_what_python_computes(page):
    assert_shown(page)


@pytest.mark.parametrize(
    "settings",
    [
        {"blur": "gaussian", "size": 0.7, "noise": 0.0, "strength": -8},
        {"blur": "gaussian", "size": 3.1, "noise": 0.01, "method": "least squares", "strength": -2.3},
        {"blur": "disk", "size": 7.3, "noise": 0.002, "strength": -3.7, "picture": "chart"},
        {"blur": "motion", "size": 22.5, "angle": 145, "noise": 0.1, "strength": -0.6},
        {"blur": "motion", "size": 1, "angle": 0, "method": "least squares", "strength": 0, "picture": "chart"},
    ],
    ids=lambda s: f"{s['blur']} {s['size']}",
)
def test_moved_controls_show_what_python_computes(page, settings):
    page.set(**settings)
    now = page.call("() => RestorationBench.settings()")
    for name, value in settings.items():
        assert now[name] == pytest.approx(10**value if name == "strength" else value)
    assert_shown(page)


def test_sliders_move_by_keyboard(page):
    from selenium.webdriver.common.keys import Keys

    before = pixels(page, "restored")
    for name, keys, expected in (
        ("size", Keys.ARROW_RIGHT * 3, "14.5 px"),
        ("angle", Keys.ARROW_LEFT * 2, "20°"),
        ("noise", Keys.END, "0.100"),
        ("strength", Keys.HOME + Keys.ARROW_RIGHT, "1.3·10⁻⁸"),
        ("strength", Keys.END, "1"),
    ):
        page.element(name).send_keys(keys)
        assert page.text(f"{name}-value") == expected
    assert np.any(pixels(page, "restored") != before)
    assert_shown(page)


def test_selections_change_by_keyboard(page):
    from selenium.webdriver.common.keys import Keys

    page.element("blur").send_keys(Keys.ARROW_UP)
    page.element("method").send_keys("c")
    page.element("picture").send_keys("t")
    now = page.call("() => RestorationBench.settings()")
    assert (now["blur"], now["size"], now["method"], now["picture"]) == ("disk", 4, "least squares", "chart")
    assert page.text("size-label") == "Radius"
    assert page.text("strength-label") == "Strength λ"
    assert not page.element("angle").is_displayed()
    assert_shown(page)


@pytest.mark.parametrize("method", ["wiener", "least squares"])
def test_the_best_strength_is_the_best_of_the_slider(page, method):
    page.set(noise=0.01, method=method, strength=-8)
    page.element("best").click()
    best, chosen = decibels(page, "restored"), float(page.element("strength").get_property("value"))
    for exponent in np.arange(-80, 1, 8) / 10:
        page.set(strength=float(exponent))
        assert decibels(page, "restored") <= best
    for neighbour in (-0.1, 0.1):
        page.set(strength=chosen + neighbour)
        assert decibels(page, "restored") <= best


def test_the_plain_sentences_follow_the_scores(page):
    lines = page.text("verdict").splitlines()
    gain = decibels(page, "restored") - decibels(page, "observed")
    assert lines[0].startswith("Restores: ")
    assert float(re.search(r"is ([\d.]+) dB closer", lines[0])[1]) == pytest.approx(gain, abs=0.11)
    assert lines[1].startswith("Blurs again: ")
    assert "farther from the original" in lines[1]
    assert lines[2].startswith("Enlarges: ")
    page.set(strength=-8)
    line = page.text("verdict").splitlines()[0]
    assert line.startswith("Fails to restore")
    assert line.endswith("press “Best strength”.")
    page.set(noise=0.1)
    assert "averages noise" in page.text("verdict").splitlines()[1]
    page.set(noise=0, blur="motion", size=1, angle=0)
    assert decibels(page, "observed") > 200


def curves(page, plot):
    """Return the points of the curves of a plot by their class, in the drawing's units."""
    read = (
        "(id) => [...document.querySelectorAll(`#${id} path`)].map((p) => [p.className.baseVal, p.getAttribute('d')])"
    )
    points = {name: re.findall(r"([\d.]+) ([\d.]+)", path) for name, path in page.call(read, plot)}
    return {name: np.array(pairs, float) for name, pairs in points.items()}


@pytest.mark.parametrize("blur", ["gaussian", "disk", "motion"])
def test_the_plots_draw_the_factors(page, blur):
    page.set(blur=blur, angle=0, strength=-3)
    psf, _ = computed(page)
    size = 320  # 161 frequencies
    otf = restore.psf_to_otf(psf, (size, size))[0]
    factor = np.abs(np.conj(otf) / (np.abs(otf) ** 2 + 1e-3))
    factors, outcome = curves(page, "factors"), curves(page, "outcome")
    np.testing.assert_array_equal(factors["line-blur"], factors["line-transpose"])

    def heights(drawn):
        return (222 - drawn[:, 1]) / 212

    for name, values in (("line-blur", np.abs(otf)), ("line-restore", factor)):
        logarithm = np.log10(np.maximum(values, 1e-300))
        np.testing.assert_allclose(heights(factors[name]), np.clip((logarithm + 4) / 8, 0, 1), atol=1e-3)
    for name, values in (("blur", 1), ("transpose", np.abs(otf)), ("restore", factor)):
        np.testing.assert_allclose(heights(outcome[f"line-{name}"]), np.abs(otf) * values / 1.05, atol=1e-3)
    np.testing.assert_allclose(factors["line-blur"][:, 0], 58 + 370 * np.arange(161) / 160, atol=0.051)
