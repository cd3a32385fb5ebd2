"""Each rule against its definition, summed over all frequencies of the full spectrum without any histogram."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import ndimage, optimize

from restore import StrengthWarning, blur, constrained_least_squares, deconvolve, degrade, psf
from restore.observation.observation import observe
from restore.parameter_choice.rules import increment_search

CASES = {
    "gaussian": ("camera", psf.gaussian(2.0), 30),
    "disk": ("coins", psf.disk(4.3), 40),
    "motion": ("moon", psf.motion(11, 25), 20),
    "even-sized": ("camera", np.arange(1.0, 25).reshape(4, 6) / 300, 30),
}


@pytest.fixture(params=CASES.values(), ids=CASES, scope="module")
def case(request, pictures):
    """A periodic observation, with phi, T and every criterion as functions of lambda."""
    name, kernel, bsnr = request.param
    sharp = pictures[name][60:180, 80:190]
    clean = degrade(sharp, kernel, boundary="periodic")
    variance = float(clean.var() * 10 ** (-bsnr / 10))
    image = clean + np.random.default_rng(9).normal(0, np.sqrt(variance), clean.shape)
    padded = np.pad(kernel, [(0, n - k) for n, k in zip(image.shape, kernel.shape, strict=True)])
    passed = np.abs(np.fft.fft2(padded)) ** 2  # the phase does not matter
    cosines = sum(np.meshgrid(*[2 - 2 * np.cos(2 * np.pi * np.fft.fftfreq(n)) for n in image.shape], indexing="ij"))
    power = np.abs(np.fft.fft2(image)) ** 2 / image.size

    def sums(weight):
        q = weight * cosines**2 / (passed + weight * cosines**2)
        return np.sum(q**2 * power), np.sum(q)

    return SimpleNamespace(
        image=image,
        sharp=sharp,
        kernel=kernel,
        variance=variance,
        samples=image.size,
        sums=sums,
        upre=lambda w: sums(w)[0] + 2 * variance * (image.size - sums(w)[1]),
        gcv=lambda w: sums(w)[0] / sums(w)[1] ** 2,
        discrepancy=lambda w: sums(w)[0] - image.size * variance,
        corrected_discrepancy=lambda w: sums(w)[0] - sums(w)[1] * variance,
    )


def chosen(case, rule, *, known=True):
    noise_var = case.variance if known else None
    return deconvolve(case.image, case.kernel, method="cls", rule=rule, noise_var=noise_var, boundary="periodic")


@pytest.mark.parametrize("rule", ["upre", "gcv"])
def test_rules_that_minimise(case, rule):
    criterion = getattr(case, rule)
    coarse = np.logspace(-9, 3, 121)
    best = coarse[np.argmin([criterion(w) for w in coarse])]
    exact = optimize.minimize_scalar(
        lambda x: criterion(np.exp(x)), bounds=np.log([best / 1.3, best * 1.3]), method="bounded"
    )
    found = chosen(case, rule)
    assert_allclose(found.parameter, np.exp(exact.x), rtol=0.01)  # a minimum is flat: 1 % in lambda is 1e-6 in value
    assert criterion(found.parameter) <= exact.fun * (1 + 1e-5)
    assert found.rule == rule


def test_expected_error_by_its_definition():
    """Under noise that a filter has coloured the strength is where the fitted spectra expect least error."""
    rng = np.random.default_rng(3)
    sharp = ndimage.gaussian_filter(rng.normal(0, 40, (96, 90)), 2) > 0.4
    image = blur(0.2 + 0.5 * sharp, psf.disk(4), boundary="periodic")
    image += blur(rng.normal(0, 0.03, image.shape), psf.gaussian(1.0), boundary="periodic")
    seen = observe(image, psf.disk(4), "periodic", extra_noise_var=1e-5)
    axes = np.meshgrid(*[2 * np.pi * np.fft.fftfreq(n) for n in image.shape], indexing="ij")
    passed = (
        np.abs(np.fft.fft2(np.pad(psf.disk(4), [(0, n - k) for n, k in zip(image.shape, (9, 9), strict=True)]))) ** 2
    )
    rough = sum(2 - 2 * np.cos(w) for w in axes) ** 2
    signal, noise = np.exp(seen.fit.law.log_spectrum(axes)), seen.fit.noise_power(axes) + seen.unsettled_var
    away = rough > 0

    def expected(weight):
        q = weight * rough[away] / (passed[away] + weight * rough[away])
        return float(np.sum(q**2 * signal[away] + (1 - q) ** 2 * noise[away] / passed[away]))

    coarse = np.logspace(-9, 3, 121)
    best = coarse[np.argmin([expected(w) for w in coarse])]
    found = deconvolve(image, psf.disk(4), method="cls", boundary="periodic", extra_noise_var=1e-5)
    assert not found.noise_is_white
    assert found.rule == "expected_error"
    assert best / 1.3 < found.parameter < best * 1.3
    assert expected(found.parameter) <= expected(best) * (1 + 1e-6)


@pytest.mark.parametrize(("rule", "accuracy"), [("discrepancy", 1e-6), ("corrected_discrepancy", 3e-3)])
def test_rules_that_solve_an_equation(case, rule, accuracy):
    excess = getattr(case, rule)
    coarse = np.logspace(-9, 3, 121)
    last = np.flatnonzero([excess(w) < 0 for w in coarse])[-1]
    exact = np.exp(optimize.brentq(lambda x: excess(np.exp(x)), *np.log(coarse[[last, last + 1]]), xtol=1e-12))
    # The discrepancy is polished on all frequencies; the histogram's cells are 2e-3 wide in log lambda.
    assert_allclose(chosen(case, rule).parameter, exact, rtol=accuracy)


def test_textbook_reaches_the_same_residual_in_more_steps(case):
    found = chosen(case, "textbook")
    assert_allclose(case.sums(found.parameter)[0], case.samples * case.variance, rtol=0.0101)  # its accuracy is 1 %
    assert found.choice.evaluations > 30


def test_discrepancy_over_smooths_and_its_correction_less(case):
    weights = {rule: chosen(case, rule).parameter for rule in ("upre", "discrepancy", "corrected_discrepancy")}
    assert weights["corrected_discrepancy"] < weights["discrepancy"]
    assert weights["upre"] < weights["discrepancy"]


def test_criterion_is_the_curve_it_is_called(case):
    found = chosen(case, "upre").choice
    some = slice(30, 150, 30)
    expected = [case.upre(w) for w in found.candidates[some]]
    assert_allclose(found.criterion[some], expected, rtol=1e-4)
    ratio = chosen(case, "discrepancy").choice
    expected = [case.sums(w)[0] / (case.samples * case.variance) for w in ratio.candidates[some]]
    assert_allclose(ratio.criterion[some], expected, rtol=1e-3)


def test_feasible_range(case):
    low, high = chosen(case, "upre").choice.feasible
    assert_allclose([low, high], [case.sums(w)[0] / case.samples for w in (1e-10, 1e9)], rtol=1e-3)
    assert high <= case.image.var() * (1 + 1e-9)  # the limit: only the mean is left


def test_upre_and_gcv_come_near_the_best_of_all(case, oracle):
    def quality(weight):
        restored = constrained_least_squares(case.image, case.kernel, regularization=weight, boundary="periodic")
        return oracle.decibel(restored - case.sharp)

    best = max(quality(w) for w in np.logspace(-7, 1, 49))
    for rule, known in (("upre", True), ("upre", False), ("gcv", True)):
        assert quality(chosen(case, rule, known=known).parameter) > best - 0.3


class TestEdges:
    """A target that no lambda reaches, or a minimum at the end of the search."""

    @pytest.fixture
    def observed(self, pictures):
        return degrade(pictures["camera"][:96, :100], psf.disk(2), noise_sigma=0.01, rng=0, boundary="periodic")

    @pytest.mark.parametrize("rule", ["discrepancy", "corrected_discrepancy", "textbook"])
    def test_too_much_noise(self, observed, rule):
        with pytest.warns(StrengthWarning, match=rf"rule '{rule}' ended at the edge .* the noise variance is 10"):
            found = deconvolve(observed, psf.disk(2), method="cls", rule=rule, noise_var=10.0, boundary="periodic")
        assert found.choice.at_edge
        assert found.parameter == 1e9
        assert found.choice.feasible[1] < 10

    def test_no_noise(self, observed):
        with pytest.warns(StrengthWarning, match="regularization 1e-10: the mean squared residual can lie between"):
            found = deconvolve(observed, psf.disk(2), method="cls", noise_var=0.0, boundary="periodic")
        assert found.parameter == 1e-10

    def test_nothing_but_noise(self):
        noise = np.random.default_rng(0).random((64, 64))
        with pytest.warns(StrengthWarning, match="rule 'upre' ended at the edge"):
            deconvolve(noise, psf.disk(2), method="cls", rule="upre", noise_var=1.0, boundary="periodic")

    def test_warning_points_at_the_caller(self, observed):
        with pytest.warns(StrengthWarning) as record:
            deconvolve(observed, psf.disk(2), method="cls", noise_var=10.0, boundary="periodic")
        assert record[0].filename == __file__

    def test_no_warning_inside(self, observed):
        assert not deconvolve(observed, psf.disk(2), method="cls", noise_var=1e-4, boundary="periodic").choice.at_edge


def test_increment_search_solves_a_monotone_equation():
    value, steps = increment_search(lambda w: w**2, 4.0, accuracy=1e-6)
    assert_allclose(value, 2, rtol=1e-6)
    assert steps > 50


def test_whiteness_and_l_curve_by_brute_force(pictures):
    """Every frequency on its own, no histogram."""
    kernel = psf.disk(3)
    observed = degrade(pictures["camera"][100:196, 100:204], kernel, bsnr=30, rng=0, boundary="periodic")
    shape = observed.shape
    power = np.abs(np.fft.fft2(observed)) ** 2 / observed.size
    otf = np.fft.fft2(
        np.fft.ifftshift(
            np.pad(
                kernel, [(s // 2 - k // 2, s - s // 2 - (k - k // 2)) for s, k in zip(shape, kernel.shape, strict=True)]
            )
        )
    )
    passed = np.abs(otf) ** 2
    charge = sum(2 - 2 * np.cos(2 * np.pi * f) for f in np.meshgrid(*map(np.fft.fftfreq, shape), indexing="ij")) ** 2
    for rule in ("whiteness", "l_curve"):
        found = deconvolve(observed, kernel, method="cls", rule=rule, boundary="periodic").choice
        values = []
        for weight in found.candidates:
            q = weight * charge / (passed + weight * charge)
            residual = q**2 * power
            rough = (charge * passed * power / (passed + weight * charge) ** 2).sum()
            values.append((residual**2).sum() / residual.sum() ** 2 if rule == "whiteness" else (residual.sum(), rough))
        if rule == "whiteness":
            assert_allclose(found.criterion, values, rtol=1e-3)
        else:
            x, y = np.log(np.array(values).T)
            assert_allclose(found.criterion[5:-5], -bend(x, y)[5:-5], atol=0.02)
        assert found.candidates[np.argmin(found.criterion)] == pytest.approx(found.value, rel=0.3)


def bend(x, y):
    dx, dy = np.gradient(x), np.gradient(y)
    return (dx * np.gradient(dy) - np.gradient(dx) * dy) / np.maximum(np.hypot(dx, dy), 1e-6) ** 3
