"""Everybody can work the page: by keyboard, by ear, on a phone, in the dark, without motion."""

import re

import numpy as np
import pytest

TARGETS = "a[href], button, input, select, [tabindex='0']"
#: Moves, one after the other, that bring every kind of text and cell on the screen.
MOVES = (
    {},
    {"position": 20},
    {"strength": -8, "method": "least squares"},
    {"input_cols": 5, "kernel_cols": 5, "stride": 3, "dilation": 3},
    {"output_padding": 3},
    {"lesson_task": "enlarge"},
)


def luminance(colour):
    """Relative luminance of WCAG 2.2 from sRGB samples of 0 to 255."""
    share = np.asarray(colour) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def rgb(text):
    """Return the samples and the opacity of a computed colour."""
    found = [float(number) for number in re.findall(r"[\d.]+", text)]
    assert text.startswith("rgb"), text
    return found[:3], found[3] if len(found) > 3 else 1.0


def test_contrast_formula_agrees_with_the_standards_ends():
    assert contrast([0, 0, 0], [255, 255, 255]) == pytest.approx(21)
    assert contrast([119, 119, 119], [255, 255, 255]) == pytest.approx(4.48, abs=0.01)


WRITTEN = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    const look = (element, words, colour) => {
        const grounds = [];
        for (let e = element; e; e = e.parentElement) grounds.push(getComputedStyle(e).backgroundColor);
        found.push([words, colour, grounds]);
    };
    while (walker.nextNode()) {
        const [words, element] = [walker.currentNode.textContent.trim(), walker.currentNode.parentElement];
        if (!words || !element.checkVisibility() || element.closest("noscript, option")) continue;
        const style = getComputedStyle(element);
        look(element, words, element.closest("svg") ? style.fill : style.color);
    }
    for (const field of document.querySelectorAll("input[type=number], select")) {
        if (field.checkVisibility()) look(field, field.value, getComputedStyle(field).color);
    }
    return found;
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_has_the_contrast_of_level_aa(page, dark):
    page.open(dark=dark)
    for move in MOVES:
        page.set(**move)
        written = page.call(WRITTEN)
        assert len(written) > 80
        for words, colour, grounds in written:
            (text, opacity), solid = rgb(colour), [rgb(g)[0] for g in grounds if rgb(g)[1] == 1]
            assert opacity == 1, words
            assert all(rgb(g)[1] in (0, 1) for g in grounds), words
            assert contrast(text, solid[0]) >= 4.5, (words, colour, solid[0])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_lines_borders_and_focus_stand_out(page, dark):
    page.open(dark=dark)
    style = "(selector, property) => getComputedStyle(document.querySelector(selector))[property]"
    ground = rgb(page.call(style, "body", "backgroundColor"))[0]
    for selector, name in (
        ("#factors .line-blur", "stroke"),
        ("#factors .line-transpose", "stroke"),
        ("#factors .line-restore", "stroke"),
        ("button", "borderTopColor"),
        ("select", "borderTopColor"),
        ("#input-cells input", "borderTopColor"),
        ("#size", "accentColor"),
        (".restores canvas", "outlineColor"),
        (".transposes canvas", "outlineColor"),
        (".enlarges canvas", "outlineColor"),
        ("#response-plot .line-learn", "stroke"),
        ("#response-plot .line-goal", "stroke"),
        ("#progress-plot .line-best", "stroke"),
        ("#lesson-kernel", "outlineColor"),
    ):
        assert contrast(rgb(page.call(style, selector, name))[0], ground) >= 3, selector


def test_curves_differ_by_more_than_colour(page):
    look = """(selector) => {
        const { strokeWidth, strokeDasharray } = getComputedStyle(document.querySelector(selector));
        return [strokeWidth, strokeDasharray];
    }"""
    for plot, curves in (
        ("factors", ("blur", "transpose", "restore")),
        ("response-plot", ("transpose", "learn", "goal")),
        ("progress-plot", ("learn", "best")),
    ):
        looks = [tuple(page.call(look, f"#{plot} .line-{name}")) for name in curves]
        assert len(set(looks)) == len(curves)


def test_every_control_can_be_reached_by_tab_and_shows_it(page):
    from selenium.webdriver.common.keys import Keys

    mark = f"""() => [...document.querySelectorAll("{TARGETS}")]
        .filter((e) => !e.disabled && e.checkVisibility())
        .map((e, i) => (e.dataset.order = i))"""
    order = page.call(mark)
    assert len(order) > 45
    where = """() => {
        const e = document.activeElement;
        const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(e);
        const box = e.getBoundingClientRect();
        const seen = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
        return [Number(e.dataset.order ?? -1), outlineStyle, parseFloat(outlineWidth), outlineColor, seen];
    }"""
    ground = rgb(page.call("() => getComputedStyle(document.body).backgroundColor"))[0]
    reached = []
    page.call("() => document.body.focus()")
    for _ in order:
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        number, style, width, colour, seen = page.call(where)
        reached.append(number)
        assert style == "solid"
        assert width >= 2
        assert contrast(rgb(colour)[0], ground) >= 3
        assert seen, number
    assert reached == order


@pytest.mark.parametrize("back", [False, True], ids=["forwards", "backwards"])
def test_on_a_phone_nothing_that_stays_in_sight_covers_what_has_the_focus(page, back):
    from selenium.webdriver.common.keys import Keys

    page.open(width=360)
    page.set(output_padding=3)
    assert page.element("refusal").is_displayed()
    page.element("kernel-bilinear" if back else "theme").send_keys(Keys.NULL)
    covered = """() => {
        const e = document.activeElement;
        const { left, top, width, height } = e.getClientRects()[0]; // a link may take two lines
        const above = document.elementFromPoint(left + width / 2, top + height / 2);
        return e.contains(above) ? null : [e.outerHTML, above?.outerHTML];
    }"""
    for _ in range(40):
        page.driver.switch_to.active_element.send_keys(Keys.SHIFT + Keys.TAB if back else Keys.TAB)
        assert page.call(covered) is None


def test_everything_to_operate_or_to_look_at_has_a_name_of_its_own(page):
    page.set(position=5)
    roles = {"button", "combobox", "link", "slider", "spinbutton", "region", "image", "table", "group", "status"}
    nodes = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    names = [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip())
        for node in nodes
        if not node.get("ignored") and node["role"]["value"] in roles
    ]
    unnamed = [role for role, name in names if not name and role != "status"]
    assert unnamed == []
    operated = [pair for pair in names if pair[0] in {"combobox", "slider", "spinbutton"}]
    assert len(operated) == len(set(operated)) == 4 + 4 + 8 + 1 + 18 + 2
    assert sum(role == "image" for role, _ in names) == (7 + 2) + (6 + 2)


def test_sliders_say_their_value_in_words(page):
    page.set(strength=-2, position=3)
    assert page.element("strength").get_attribute("aria-valuetext") == "k = 0.010"
    assert page.element("position").get_attribute("aria-valuetext") == "Cropped, 3 of 28"


def test_what_happens_is_announced(page):
    live = "(id) => [document.getElementById(id).role, document.getElementById(id).ariaLive]"
    assert page.call(live, "verdict")[0] == page.call(live, "enlargement")[0] == "status"
    assert page.call(live, "refusal")[0] == "alert"
    assert page.call(live, "stage-caption")[1] == "polite"
    page.element("play").click()
    assert page.call(live, "stage-caption")[1] == "off"


def test_headings_and_landmarks_give_an_outline(page):
    outline = "() => [...document.querySelectorAll('h1, h2, main, header, footer, nav')].map((e) => e.localName)"
    assert page.call(outline) == ["header", "h1", "nav", "main", "h2", "h2", "h2", "footer"]
    assert page.call("() => document.documentElement.lang") == "en"
    assert page.driver.title


def test_the_page_follows_the_system_until_the_button_is_pressed(page):
    page.open(dark=True)
    theme = "() => [document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor]"
    (dark, night), button = page.call(theme), page.element("theme")
    assert dark == "dark"
    assert luminance(rgb(night)[0]) < 0.05
    page.wish(dark=False)
    page.wait(lambda: page.call(theme)[0] == "light")
    assert luminance(rgb(page.call(theme)[1])[0]) > 0.9
    assert button.text == "Dark colours"
    button.click()
    assert page.call(theme) == [dark, night]
    assert button.text == "Light colours"
    button.click()
    page.wish(dark=True)
    page.wait(lambda: page.call("() => matchMedia('(prefers-color-scheme: dark)').matches"))
    page.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    assert page.call(theme)[0] == "light"


@pytest.mark.parametrize("width", [360, 700, 1000])
def test_nothing_is_cut_off_at_the_width_of_a_phone(page, width):
    beyond = """() => [...document.querySelectorAll("body *")]
        .filter((e) => e.checkVisibility() && !e.closest(".grid-box table, .cells table, .skip"))
        .filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5 || e.getBoundingClientRect().left < -0.5)
        .map((e) => e.outerHTML)"""
    page.open(width=width)
    for move in MOVES:
        page.set(**move)
        assert page.call("() => [document.documentElement.scrollWidth, innerWidth]") == [width, width]
        assert page.call(beyond) == []


def test_nothing_moves_by_itself(page):
    page.open(still=True)
    moving = """() => [...document.querySelectorAll("*")].map((e) => getComputedStyle(e)).filter((s) =>
        s.animationName !== "none" || s.transitionDuration !== "0s" || s.scrollBehavior !== "auto").length"""
    assert page.call(moving) == 0
    assert not page.element("play").is_displayed()
