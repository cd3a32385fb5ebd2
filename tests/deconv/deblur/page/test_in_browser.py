"""The page of `deblur --report` in a browser: what is on the screen, and how it is worked."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

import restore

#: Colours that tell the three pictures apart wherever one looks, and their side in pixels.
BEFORE, REFERENCE, SIDE = (200, 60, 60), (60, 60, 200), 120


def photo(path, colour, *, size=SIDE):
    values = np.full((size, size, 3), np.array(colour) / 255)
    values[size // 4 : size // 2, size // 4 : size // 2] = 0.9
    values = restore.degrade(values, restore.psf.disk(1.5), noise_sigma=0.004, rng=0, channel_axis=-1)
    Image.fromarray(np.uint8(255 * np.clip(values, 0, 1) + 0.5)).save(path)
    return path


@pytest.fixture(scope="module")
def files(run, tmp_path_factory):
    """One page with a reference, and what was restored painted over, so that the screen tells the sides apart."""
    folder = tmp_path_factory.mktemp("page")
    before, after = photo(folder / "photo.png", BEFORE), photo(folder / "reference.png", REFERENCE)
    page = folder / "page.html"
    words = ["deblur", before, "--psf", "disk", "--radius", 1.5, "--reference", after, "--no-figure", "--quiet"]
    assert run(*words, "-o", folder / "out.png", "--report", page) == 0
    return folder


@pytest.fixture
def page(visit, files):
    """The page on a desk's screen; a complaint in the console fails the test."""
    page = visit((files / "page.html").as_uri())
    page.log("browser")
    page.open()
    yield page
    assert page.log("browser") == []


@pytest.fixture
def sides(page):
    """The page with the input on the left and the reference, of another colour, on the right."""
    page.set(right="reference")
    return page


def frame(page):
    """Bring the viewer on the screen and return its place: left, top, width, height."""
    return page.call("""() => {
        const viewer = document.getElementById("viewer");
        viewer.scrollIntoView({ block: "center" });
        const { left, top, width, height } = viewer.getBoundingClientRect();
        return [left, top, width, height];
    }""")


def screen(page):
    """Return what is on the screen of the two pictures."""
    left, top, width, height = frame(page)
    with Image.open(io.BytesIO(base64.b64decode(page.driver.get_screenshot_as_base64()))) as shot:
        return np.asarray(shot.convert("RGB"), int)[round(top) : round(top + height), round(left) : round(left + width)]


def border(seen):
    """Return the share of the width from which on the screen is blue, in the lowest quarter, which is even."""
    height, width = seen.shape[:2]
    row = np.median(seen[round(0.8 * height) : round(0.95 * height)], axis=0)
    red, blue = row[:, 0] > row[:, 2] + 60, row[:, 2] > row[:, 0] + 60
    assert not (red & blue).any()
    last, first = (np.flatnonzero(red)[-1] if red.any() else -1), (np.flatnonzero(blue)[0] if blue.any() else width)
    assert first > last
    assert first - last <= 8, "the line between them is thin"
    return (first + last) / 2 / width


def near(colour, other):
    return np.abs(np.asarray(colour, float) - other).max() < 25


def press(page, name, *keys):
    for key in keys:
        page.element(name).send_keys(key)


def drag(page, name, by, *, to=(0, 0)):
    """Press the mouse on an element's middle, moved by `by`, and drag from there."""
    from selenium.webdriver.common.action_chains import ActionChains

    mouse = ActionChains(page.driver, duration=20)
    mouse.move_to_element_with_offset(page.element(name), *by).click_and_hold()
    mouse.move_by_offset(*to).release().perform()


def touch(page, start, end):
    """Put fingers down, move them in steps and lift them."""
    send = page.driver.execute_cdp_cmd
    for kind, share in (("touchStart", 0), *(("touchMove", step / 8) for step in range(1, 9))):
        fingers = np.array(start) + share * np.subtract(end, start)
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(fingers.tolist())]
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def press_button(page, name):
    page.driver.find_element("css selector", f"[data-zoom={name}]").click()


def corner(page):
    """Return where both pictures lie in the viewer: x, y, width."""
    places = page.call("""() => [...document.querySelectorAll(".layer.left .sheet, .layer.right .sheet")].map((e) => {
        const [box, frame] = [e, document.getElementById("viewer")].map((each) => each.getBoundingClientRect());
        return [box.x - frame.x, box.y - frame.y, box.width];
    })""")
    assert places[0] == places[1], "both pictures move together"
    return places[0]


def scale(page):
    return int(page.text("scale").removesuffix("%"))


# --- the boundary ----------------------------------------------------------------------------------------------------


def test_left_is_before_and_right_is_after(sides):
    seen = screen(sides)
    assert border(seen) == pytest.approx(0.5, abs=0.01)
    width = seen.shape[1]
    assert near(np.median(seen[-40:-10, : width // 3], axis=(0, 1)), BEFORE)
    assert near(np.median(seen[-40:-10, 2 * width // 3 :], axis=(0, 1)), REFERENCE)


def test_keys_move_the_boundary(sides):
    from selenium.webdriver.common.keys import Keys

    for keys, value in (
        ([Keys.ARROW_RIGHT] * 5, 60),
        ([Keys.ARROW_LEFT], 58),
        ([Keys.PAGE_DOWN] * 3, 28),
        ([Keys.ARROW_UP], 30),
        ([Keys.END], 100),
        ([Keys.ARROW_RIGHT], 100),
        ([Keys.HOME], 0),
        ([Keys.PAGE_UP], 10),
    ):
        press(sides, "boundary", *keys)
        assert sides.element("boundary").get_attribute("aria-valuenow") == str(value)
        if 0 < value < 100:
            assert border(screen(sides)) == pytest.approx(value / 100, abs=0.01)
    assert sides.element("boundary").get_attribute("aria-valuetext") == "10 % input, 90 % reference"


def test_the_mouse_moves_the_boundary(sides):
    width = screen(sides).shape[1]
    drag(sides, "boundary", (12, 80), to=(-width // 4, 5))  # beside the line: it does not jump
    assert border(screen(sides)) == pytest.approx(0.25, abs=0.02)
    drag(sides, "viewer", (width // 4, 50))  # a click beside it: it comes
    assert border(screen(sides)) == pytest.approx(0.75, abs=0.02)
    drag(sides, "boundary", (0, 0), to=(width // 2, 0))  # no farther than the edge
    assert sides.element("boundary").get_attribute("aria-valuenow") == "100"


def test_a_finger_moves_the_boundary_and_leaves_scrolling_to_the_page(sides):
    left, top, width, _ = frame(sides)
    touch(sides, [(left + 0.5 * width, top + 60)], [(left + 0.3 * width, top + 62)])
    assert border(screen(sides)) == pytest.approx(0.3, abs=0.02)
    assert sides.call("() => getComputedStyle(document.getElementById('viewer')).touchAction") == "pan-y"


def test_the_pictures_are_chosen(sides):
    sides.set(left="reference", right="input")
    seen = screen(sides)
    assert near(np.median(seen[-40:-10, :200], axis=(0, 1)), REFERENCE)
    assert near(np.median(seen[-40:-10, -200:], axis=(0, 1)), BEFORE)
    sides.set(left="input")  # the same twice is one picture
    seen = screen(sides)
    assert near(np.median(seen[-40:-10, :200], axis=(0, 1)), BEFORE)


# --- zoom ------------------------------------------------------------------------------------------------------------


def test_buttons_zoom_both_pictures(page):
    whole = corner(page)
    assert whole[:2] == [0, 0]
    assert scale(page) == round(100 * whole[2] / SIDE)
    press_button(page, "in")
    larger = corner(page)
    assert larger[2] == pytest.approx(1.5 * whole[2], rel=1e-3)
    assert larger[0] == pytest.approx(-whole[2] / 4, abs=1)  # about the middle
    assert scale(page) == round(100 * larger[2] / SIDE)
    press_button(page, "out")
    assert corner(page) == pytest.approx(whole, abs=0.5)
    press_button(page, "actual")
    assert scale(page) == 100
    x, _, width = corner(page)
    assert width == SIDE
    assert x == pytest.approx((whole[2] - SIDE) / 2, abs=1)  # smaller than the frame: in its middle
    press_button(page, "fit")
    assert corner(page) == whole


def test_the_detail_fills_the_frame(page):
    press_button(page, "detail")
    x, y, width = corner(page)
    left, top, across, down = (int(part) for part in page.element("viewer").get_attribute("data-detail").split())
    zoomed, shown = width / SIDE, frame(page)[2]
    assert zoomed == pytest.approx(shown / across, rel=0.02)
    assert shown / 2 - x == pytest.approx(zoomed * (left + across / 2), abs=zoomed / 2)
    assert shown / 2 - y == pytest.approx(zoomed * (top + down / 2), abs=zoomed / 2)


def test_keys_zoom_and_pan(page):
    from selenium.webdriver.common.keys import Keys

    whole = corner(page)
    press(page, "boundary", "+", "+")
    assert corner(page)[2] == pytest.approx(2.25 * whole[2], rel=1e-3)
    x, y, _ = corner(page)
    press(page, "viewer", Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert corner(page)[:2] == pytest.approx([x - 60, y - 120], abs=0.5)
    press(page, "viewer", "-")
    press(page, "viewer", "0")
    assert corner(page) == whole
    press(page, "viewer", "-", "-", "-", "-", "-", "-")
    assert scale(page) == 100  # no smaller than the file's pixels, or the frame


def test_a_zoomed_picture_is_dragged_and_leaves_no_gap(page):
    press(page, "viewer", "+", "+")
    x, y, _ = corner(page)
    drag(page, "viewer", (120, 100), to=(70, -30))
    assert corner(page)[:2] == pytest.approx([x + 70, y - 30], abs=1)
    assert page.element("boundary").get_attribute("aria-valuenow") == "50"
    for _ in range(4):
        drag(page, "viewer", (-200, -200), to=(390, 390))
    assert corner(page)[:2] == pytest.approx([0, 0], abs=0.5)


def test_the_wheel_zooms_about_the_pointer_once_the_reader_is_at_work(page):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    page.call("() => scrollTo(0, 100)")
    at = ScrollOrigin.from_element(page.element("viewer"), -100, 50)
    before = scale(page)
    ActionChains(page.driver).scroll_from_origin(at, 0, -60).perform()
    assert scale(page) == before
    page.wait(lambda: page.call("() => scrollY") < 100)  # the page scrolls as everywhere
    page.element("boundary").send_keys("")
    page.call("() => document.getElementById('boundary').focus({ preventScroll: true })")
    x, _, width = corner(page)
    ActionChains(page.driver).scroll_from_origin(at, 0, -120).perform()
    page.wait(lambda: scale(page) > before)
    after = corner(page)
    point = screen(page).shape[1] / 2 - 100
    assert (point - x) / width == pytest.approx((point - after[0]) / after[2], abs=2e-3)


def test_two_fingers_zoom(page):
    left, top, width, _ = frame(page)
    before, middle, y = corner(page)[2], left + width / 2, top + 200
    touch(page, [(middle - 50, y), (middle + 50, y)], [(middle - 100, y), (middle + 100, y)])
    assert corner(page)[2] == pytest.approx(2 * before, rel=0.05)
    assert page.call("() => getComputedStyle(document.getElementById('viewer')).touchAction") == "none"
    assert page.element("boundary").get_attribute("aria-valuenow") == "50"


def test_large_pixels_are_squares_of_one_colour(page):
    press(page, "viewer", *"++++++++++++")
    seen = screen(page)
    row = seen[seen.shape[0] - 60, :120]
    changes = np.flatnonzero(np.abs(np.diff(row, axis=0)).sum(axis=1) > 0)
    assert len(changes) <= 120 // 16 + 1


def test_a_narrower_window_fits_again(page):
    page.open(width=700)
    wide = corner(page)[2]
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    )
    page.wait(lambda: corner(page)[2] < wide)
    assert corner(page)[2] == pytest.approx(400 - 32, abs=1)


# --- for everybody ---------------------------------------------------------------------------------------------------


def test_the_slider_is_announced(page):
    nodes = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    named = [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip())
        for node in nodes
        if not node.get("ignored")
        and node["role"]["value"] in {"slider", "button", "combobox", "image", "table", "group", "region", "status"}
    ]
    assert [role for role, name in named if not name] == []
    assert ("slider", "Boundary between the pictures") in named
    assert sum(role == "button" for role, _ in named) == 6
    pictures = {name for role, name in named if role == "image" and name.endswith("picture")}
    assert pictures == {"input picture", "restored picture"}  # the third one waits
    assert sum(role == "combobox" for role, _ in named) == 2


TARGETS = "button, select, summary, [tabindex='0']"


def test_every_control_is_reached_by_tab_and_shows_it(page):
    from selenium.webdriver.common.keys import Keys

    order = page.call(f'() => [...document.querySelectorAll("{TARGETS}")].map((e, i) => (e.dataset.order = i))')
    assert len(order) == 6 + 2 + 2 + 1
    reached = []
    for _ in order:
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        number, width, style = page.call("""() => {
            const e = document.activeElement;
            const look = getComputedStyle(e, e.id === "boundary" ? "::after" : null);
            return [Number(e.dataset.order), parseFloat(look.outlineWidth), look.outlineStyle];
        }""")
        reached.append(number)
        assert (width, style) == (3, "solid")
    assert reached == order


CONTRASTS = """() => {
    const share = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * share(r) + 0.7152 * share(g) + 0.0722 * share(b);
    const read = (text) => text.match(/[\\d.]+/g).map(Number);
    const ground = (e) => {
        const colour = read(getComputedStyle(e).backgroundColor);
        return colour[3] === 0 ? ground(e.parentElement) : colour;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        const e = walker.currentNode.parentElement;
        const words = walker.currentNode.textContent.trim();
        if (!words || !e.checkVisibility() || e.closest("noscript, option")) continue;
        const style = getComputedStyle(e);
        const [a, b] = [light(read(e.closest("svg") ? style.fill : style.color)), light(ground(e))];
        found.push([words, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
    }
    for (const line of document.querySelectorAll("svg path[style*='--']")) {
        const [a, b] = [light(read(getComputedStyle(line).stroke)), light(ground(line.closest("figure")))];
        found.push(["line", 1.5 * (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]); // lines need 3, texts 4.5
    }
    return found;
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_and_lines_have_the_contrast_of_level_aa(page, dark):
    page.open(dark=dark)
    page.call("() => (document.querySelector('details').open = true)")
    found = page.call(CONTRASTS)
    assert len(found) > 120
    assert sum(words == "line" for words, _ in found) >= 6
    assert [pair for pair in found if pair[1] < 4.5] == []


def test_the_theme_follows_the_system_until_the_button_is_pressed(page):
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = page.call(ground)
    page.wish(dark=True)
    page.wait(lambda: page.call(ground) != light)
    page.element("theme").click()
    assert page.call(ground) == light
    assert page.text("theme") == "Dark colours"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_is_cut_off_at_the_width_of_a_phone(page, dark):
    page.open(width=360, dark=dark)
    page.call("() => (document.querySelector('details').open = true)")
    assert page.call("() => [document.documentElement.scrollWidth, innerWidth]") == [360, 360]
    beyond = """() => [...document.querySelectorAll("body *")]
        .filter((e) => e.checkVisibility() && !e.closest("#viewer, svg"))
        .filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5 || e.getBoundingClientRect().left < -0.5)
        .map((e) => e.outerHTML.slice(0, 200))"""
    assert page.call(beyond) == []


def test_nothing_moves_by_itself(page):
    moving = """() => [...document.querySelectorAll("*")].map((e) => getComputedStyle(e)).filter((s) =>
        s.animationName !== "none" || s.transitionDuration !== "0s" || s.scrollBehavior !== "auto").length"""
    assert page.call(moving) == 0


def test_nothing_is_asked_of_a_network(page):
    page.log("performance")
    page.open()
    press_button(page, "detail")
    events = [json.loads(entry["message"])["message"] for entry in page.log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not re.match("data:", url)] == [page.address]


def test_a_name_that_is_code_stays_a_name(run, visit, tmp_path):
    folder, name = tmp_path / "<script>alert(1)<", 'script>&"<img src=x onerror=alert(2)>.png'
    folder.mkdir()
    file = photo(folder / name, BEFORE, size=48)
    words = ["deblur", file, "--psf", "disk", "--radius", 1.5, "--no-figure", "--quiet", "-o", folder / "out.png"]
    assert run(*words, "--report", folder / "p.html") == 0
    page = visit((folder / "p.html").as_uri())
    page.log("browser")
    page.open()
    assert page.driver.find_element("tag name", "h1").text == name
    assert page.driver.title == f"{name}: deblurred"
    assert page.call("() => document.querySelectorAll('script, img').length") == 1 + 3
    assert page.log("browser") == []
