"""The page's transposed convolution computes, and refuses, what the package does."""

import numpy as np
import pytest

import upsample

SETTINGS = ("stride", "padding", "output_padding", "dilation")


def case(seed):
    """A map, a kernel and settings per axis, a fifth of them impossible."""
    rng = np.random.default_rng(seed)
    pick = lambda low, high: [int(v) for v in rng.integers(low, high + 1, 2)]  # noqa: E731
    x, kernel = rng.standard_normal(pick(1, 6)), rng.standard_normal(pick(1, 5))
    return x, kernel, dict(zip(SETTINGS, (pick(1, 4), pick(0, 3), pick(0, 1), pick(1, 3)), strict=True))


def as_page(settings):
    return {"outputPadding" if name == "output_padding" else name: value for name, value in settings.items()}


def asked(page, expression, cases):
    """Evaluate `expression` of x, kernel, given for every case: its value, or what it was refused with."""
    function = f"""(cases) => cases.map(([rows, weights, given]) => {{
        const [x, kernel] = [rows, weights].map(Grid.fromRows);
        try {{ return {{ value: {expression} }}; }}
        catch (error) {{ if (error instanceof RangeError) return {{ refused: error.message }}; throw error; }}
    }})"""
    return page.call(function, [(x.tolist(), kernel.tolist(), as_page(given)) for x, kernel, given in cases])


def transposed(x, kernel, given):
    return upsample.conv_transpose(x[None], kernel[None, None], **given)[0]


CASES = [case(seed) for seed in range(300)]


def refusal(x, kernel, given):
    """Why the package refuses these settings, if it does."""
    try:
        upsample.output_shape(x.shape, kernel.shape, **given)
    except ValueError as error:
        return str(error)
    return None


def test_values_and_refusals_are_the_packages(arithmetic):
    found, refusals = asked(arithmetic, "Grid.toRows(Transposed.convTranspose(x, kernel, given))", CASES), 0
    for answer, (x, kernel, given) in zip(found, CASES, strict=True):
        if reason := refusal(x, kernel, given):
            assert answer == {"refused": reason}
            refusals += 1
        else:
            np.testing.assert_allclose(answer["value"], transposed(x, kernel, given), atol=1e-12)
    assert 30 < refusals < 150


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("value", [[-1, 2], [1, 1.5]])
def test_settings_that_are_no_such_number_are_refused_alike(arithmetic, name, value):
    x, kernel = np.ones((2, 3)), np.ones((3, 2))
    (answer,) = asked(arithmetic, "Transposed.geometry(x, kernel, given)", [(x, kernel, {name: value})])
    with pytest.raises((TypeError, ValueError)) as refused:
        transposed(x, kernel, {name: value})
    assert answer == {"refused": str(refused.value)}


def possible(cases):
    return [case for case in cases if refusal(*case) is None]


def test_every_stage_is_the_packages(arithmetic):
    cases = possible(CASES)
    names = {"zeroInserted": "zero_inserted", "bordered": "bordered", "cropped": "cropped", "result": "result"}
    rows = ", ".join(f"{name}: Grid.toRows(steps.{name})" for name in [*names, "kernel"])
    found = asked(arithmetic, f"((steps) => ({{ {rows} }}))(Transposed.steps(x, kernel, given))", cases)
    for answer, (x, kernel, given) in zip(found, cases, strict=True):
        expected = upsample.steps(x[None], kernel[None, None], **given)
        np.testing.assert_array_equal(answer["value"]["kernel"], expected.kernel[0, 0])
        for name, stage in names.items():
            np.testing.assert_allclose(answer["value"][name], getattr(expected, stage)[0], atol=1e-12)


def test_overlaps_are_the_packages(arithmetic):
    cases = possible(CASES)
    found = asked(arithmetic, "Grid.toRows(Transposed.overlap(x, kernel, given))", cases)
    for answer, (x, kernel, given) in zip(found, cases, strict=True):
        np.testing.assert_array_equal(answer["value"], upsample.overlap_map(x.shape, kernel.shape, **given))


def kernels():
    """Random, even and balanced-around-zero kernels: every verdict occurs."""
    yield from ((kernel, given) for _, kernel, given in CASES[:100])
    for size in range(1, 6):
        for stride in range(1, 4):
            yield np.ones((size, size)), {"stride": [stride, stride], "dilation": [1, 1]}
    yield upsample.bilinear_kernel(3), {"stride": [3, 3], "dilation": [1, 1]}
    yield np.array([[1.0, -1.0]]), {"stride": [1, 2], "dilation": [1, 1]}


def test_checkerboards_are_the_packages(arithmetic):
    cases = [(np.ones((1, 1)), kernel, given) for kernel, given in kernels()]
    check = "Transposed.checkerboard(kernel, given.stride, given.dilation)"
    tell = "({ ...found, overlap: Grid.toRows(found.overlap), phaseSums: Grid.toRows(found.phaseSums) })"
    found = asked(arithmetic, f"((found) => {tell})({check})", cases)
    verdicts = set()
    for answer, (_, kernel, given) in zip(found, cases, strict=True):
        expected = upsample.checkerboard(kernel, given["stride"], dilation=given["dilation"])
        np.testing.assert_array_equal(answer["value"]["overlap"], expected.overlap)
        np.testing.assert_allclose(answer["value"]["phaseSums"], expected.phase_sums, atol=1e-13)
        imbalance = answer["value"]["imbalance"]  # JSON knows no infinity
        assert (np.inf if imbalance is None else imbalance) == pytest.approx(expected.imbalance, rel=1e-9)
        assert answer["value"]["even"] == expected.even
        verdicts.add((expected.even, bool(np.isfinite(expected.imbalance))))
    assert verdicts == {(True, True), (False, True), (False, False)}


def test_convolution_is_the_packages(arithmetic):
    cases = []
    for x, kernel, given in CASES:
        like_conv = {name: value for name, value in given.items() if name != "output_padding"}
        try:
            upsample.conv_output_shape(x.shape, kernel.shape, **like_conv)
        except ValueError:
            continue
        cases.append((x, kernel, like_conv))
    assert len(cases) > 100
    found = asked(arithmetic, "Grid.toRows(Transposed.conv(x, kernel, given))", cases)
    for answer, (x, kernel, given) in zip(found, cases, strict=True):
        expected = upsample.conv(x[None], kernel[None, None], **given)[0]
        np.testing.assert_allclose(answer["value"], expected, atol=1e-12)


@pytest.mark.parametrize("stride", [(1, 1), (2, 2), (3, 3), (1, 3), (4, 2)])
def test_the_bilinear_kernel_is_the_packages(arithmetic, stride):
    found = arithmetic.call("(stride) => Grid.toRows(Transposed.bilinearKernel(stride))", stride)
    np.testing.assert_allclose(found, upsample.bilinear_kernel(stride), atol=1e-15)
