"""The transposed-convolution bench steps through the package's stages, counts its overlaps, refuses what it refuses."""

import numpy as np

import upsample

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
SLIDERS = ("input-rows", "input-cols", "kernel-rows", "kernel-cols", "stride", "padding", "output-padding", "dilation")


def shown(page):
    """The map, the kernel and the keywords of `upsample` that the controls and cells stand for."""
    fields = (
        "(id) => [...document.querySelectorAll(`#${id} tr`)].map((r) => [...r.cells].map((c) => c.firstChild.value))"
    )
    x, kernel = (np.array(page.call(fields, f"{name}-cells"), float) for name in ("input", "kernel"))
    value = {name: int(page.element(name).get_property("value")) for name in SLIDERS[4:]}
    settings = {name.replace("-", "_"): number for name, number in value.items()}
    if page.element("axes").get_property("value") == "1":
        neutral = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
        settings = {name: (neutral[name], number) for name, number in settings.items()}
    return x, kernel, settings


def numbers(page, name):
    """Return the numbers in a table, NaN where there is none yet."""
    rows = page.table(name)
    return np.array([[np.nan if c == "·" else float(c.replace(MINUS, "-")) for c in row] for row in rows])


def last(page):
    return int(page.element("position").get_attribute("max"))


def assert_result(page):
    """The finished output, the overlap counts and the formula are the package's."""
    x, kernel, settings = shown(page)
    expected = upsample.conv_transpose(x[None], kernel[None, None], **settings)[0]
    page.set(position=last(page))
    assert last(page) == 3 + expected.size
    np.testing.assert_allclose(numbers(page, "output-grid"), expected, rtol=5.1e-4)  # four digits are shown
    overlap = upsample.overlap_map(x.shape, kernel.shape, **settings)
    np.testing.assert_array_equal(numbers(page, "overlap-grid"), overlap)
    lines = page.text("formula").splitlines()
    assert [int(line.rpartition("= ")[2]) for line in lines[1:]] == list(expected.shape[3 - len(lines) :])
    for line in lines[1:]:
        sum_, _, size = line.partition("= ")[2].replace(MINUS, "-").replace("·", "*").rpartition(" = ")
        assert eval(sum_) == int(size)
    assert page.text("change") == " becomes ".join(f"{a} {TIMES} {b}" for a, b in (x.shape, expected.shape))


def test_it_opens_with_the_input_and_a_result_to_come(page):
    assert page.text("stage-title") == f"Input: 3 {TIMES} 3"
    np.testing.assert_array_equal(numbers(page, "stage-grid"), np.arange(1, 10).reshape(3, 3))
    assert np.all(np.isnan(numbers(page, "output-grid")))
    assert not page.element("back").is_enabled()
    assert_result(page)


def random_settings(seed):
    rng = np.random.default_rng(seed)
    most = (5, 5, 5, 5, 3, 4, 3, 3)
    least = (1, 1, 1, 1, 1, 0, 0, 1)
    return {n.replace("-", "_"): int(rng.integers(lo, hi + 1)) for n, lo, hi in zip(SLIDERS, least, most, strict=True)}


def refusal(x, kernel, settings):
    """Why the package refuses these settings, if it does."""
    try:
        upsample.output_shape(x.shape, kernel.shape, **settings)
    except ValueError as error:
        return str(error)
    return None


def test_random_settings_give_the_packages_numbers_or_its_refusal(page):
    refused = 0
    for seed in range(12):
        page.set(axes=1 + seed % 2, **random_settings(seed))
        x, kernel, settings = shown(page)
        reason = refusal(x, kernel, settings)
        assert page.element("outcome-of-settings").is_displayed() == (reason is None)
        if reason is None:
            assert not page.element("refusal").is_displayed()
            assert_result(page)
        else:
            assert page.text("refusal") == f"Refused: {reason}."
            refused += 1
    assert 2 < refused < 10


def test_an_output_padding_that_reaches_the_stride_is_refused_by_keyboard_and_back(page):
    from selenium.webdriver.common.keys import Keys

    slider = page.element("output-padding")
    slider.send_keys(Keys.ARROW_RIGHT)
    assert_result(page)
    slider.send_keys(Keys.ARROW_RIGHT)
    rule = "output_padding must be smaller than stride or dilation, got output_padding 2, stride 2, dilation 1"
    assert page.text("refusal") == f"Refused: {rule}."
    page.element("stride").send_keys(Keys.ARROW_RIGHT)
    assert not page.element("refusal").is_displayed()
    assert_result(page)


def test_steps_show_every_stage_and_fill_the_output_sample_by_sample(page):
    page.set(input_rows=2, kernel_cols=2, output_padding=1)
    x, kernel, settings = shown(page)
    expected = upsample.steps(x[None], kernel[None, None], **settings)
    stages = (x, expected.zero_inserted[0], expected.bordered[0], expected.cropped[0])
    result = expected.result[0]
    np.testing.assert_array_equal(numbers(page, "turned-grid"), expected.kernel[0, 0])
    for position in range(last(page) + 1):
        np.testing.assert_array_equal(numbers(page, "stage-grid"), stages[min(position, 3)])
        filled = numbers(page, "output-grid")
        assert np.count_nonzero(~np.isnan(filled)) == max(position - 3, 0)
        np.testing.assert_array_equal(filled[~np.isnan(filled)], result.ravel()[: max(position - 3, 0)])
        assert page.text("position-value") == f"{position} of {last(page)}"
        if position < last(page):
            page.element("step").click()
    assert not page.element("step").is_enabled()
    page.element("back").click()
    assert page.text("position-value") == f"{last(page) - 1} of {last(page)}"
    page.element("restart").click()
    assert page.text("stage-title").startswith("Input")


def test_the_kernel_lies_where_its_products_come_from(page):
    page.set(dilation=2, padding=3)
    x, kernel, settings = shown(page)
    steps = upsample.steps(x[None], kernel[None, None], **settings)
    (cropped,), (result,) = steps.cropped, steps.result
    below = "() => [...document.querySelectorAll('#stage-grid tr')].map((r) => [...r.cells].map((c) => c.className))"
    for output in range(result.size):
        page.set(position=4 + output)
        covered = np.array([["cell-below" in word for word in row] for row in page.call(below)])
        row, col = divmod(output, result.shape[1])
        reach = np.zeros_like(covered)
        reach[row : row + 5 : 2, col : col + 5 : 2] = True
        np.testing.assert_array_equal(covered, reach)
        samples = np.array([["cell-sample" in word for word in row] for row in page.call(below)])
        np.testing.assert_array_equal(samples, cropped != 0)
        caption = page.text("stage-caption")
        assert caption.startswith(f"Output row {row + 1}, column {col + 1}: ")
        copies = np.count_nonzero(samples & reach)
        assert (f"{copies} kernel cop" in caption) if copies else ("no kernel copy reaches it, 0." in caption)
        if copies:
            sum_ = caption.partition(": ")[2].partition(" = ")[0]
            assert eval(sum_.replace("·", "*")) == result[row, col]


def test_cells_are_edited_by_keyboard_and_an_empty_one_is_refused(page):
    from selenium.webdriver.common.keys import Keys

    cell = page.driver.find_element("css selector", "[aria-label='Input, row 2, column 3']")
    everything = Keys.CONTROL + "a" + Keys.NULL
    cell.send_keys(everything, "-2.5")
    assert shown(page)[0][1, 2] == -2.5
    assert_result(page)
    cell.send_keys(everything, Keys.DELETE)
    assert page.text("refusal") == "Refused: Input, row 2, column 3: a number is missing."
    cell.send_keys("7")
    assert_result(page)


def test_the_bilinear_kernel_enlarges_by_the_stride_evenly(page):
    for axes, stride in ((2, 1), (2, 2), (2, 3), (1, 1), (1, 3)):
        page.set(axes=axes, stride=stride, output_padding=3)
        page.element("kernel-bilinear").click()
        x, kernel, settings = shown(page)
        np.testing.assert_allclose(kernel, upsample.bilinear_kernel((1, stride) if axes == 1 else stride), atol=1e-15)
        assert upsample.output_shape(x.shape, kernel.shape, **settings) == ((3 * stride, 1)[axes == 1], 3 * stride)
        assert page.text("checkerboard").endswith("even, no checkerboard.")
        assert_result(page)


def test_uneven_overlap_is_called_a_checkerboard(page):
    page.element("kernel-ones").click()
    assert page.text("checkerboard") == (
        "Far from the border 1, 2, 4 kernel copies meet on a sample, and a map of ones becomes 1, 2, 4: "
        "uneven by 78 %, a checkerboard."
    )
    page.set(kernel_rows=4, kernel_cols=4)
    assert "even, no checkerboard." in page.text("checkerboard")
    page.element("kernel-count").click()
    assert "uneven by" in page.text("checkerboard")


def test_sizes_keep_what_was_typed(page):
    page.set(input_rows=4, input_cols=2)
    np.testing.assert_array_equal(shown(page)[0], [[1, 2], [4, 5], [7, 8], [1, 1]])
    page.element("input-count").click()
    np.testing.assert_array_equal(shown(page)[0], np.arange(1, 9).reshape(4, 2))
    page.element("input-ones").click()
    np.testing.assert_array_equal(shown(page)[0], np.ones((4, 2)))


def test_play_runs_to_the_end_and_pauses(page):
    page.set(input_rows=1, input_cols=2, kernel_rows=1, kernel_cols=1, padding=0, stride=1)
    play, position = page.element("play"), page.element("position")
    play.click()
    assert play.text == "Pause"
    page.wait(lambda: int(position.get_property("value")) > 0)
    play.click()
    assert play.text == "Play"
    page.set(position=3)
    play.click()
    page.wait(lambda: play.text == "Play")
    assert int(position.get_property("value")) == last(page)
    np.testing.assert_array_equal(numbers(page, "output-grid"), [[1, 2]])


def test_less_motion_leaves_only_steps(page):
    page.open(still=True)
    assert not page.element("play").is_displayed()
    assert page.element("still").is_displayed()
    page.element("step").click()
    assert page.text("stage-title") == f"Zeros inserted: 5 {TIMES} 5"
    page.wish()
    page.wait(page.element("play").is_displayed)
    assert not page.element("still").is_displayed()
