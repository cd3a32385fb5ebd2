"""The page in a browser: from a file that is dropped to one that is saved, and what a reader can do on the way."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

import restore
from deconv import pictures

#: What the page asks for, and nothing else.
OWN = ("http://127.0.0.1:", "blob:http://127.0.0.1:", "data:")


@pytest.fixture(scope="module")
def files(texture, tmp_path_factory):
    """A defocused JPEG, a moved TIFF of 16 bits, and a file that is no picture."""
    folder = tmp_path_factory.mktemp("pictures")
    light = restore.degrade(texture((112, 128, 3)), restore.psf.disk(2.5), noise_sigma=0.003, rng=0, channel_axis=-1)
    codes = np.uint8(np.rint(255 * pictures.linear_to_srgb(np.clip(light, 0, 1))))
    Image.fromarray(codes).save(folder / "garden.jpg", quality=97)
    moved = restore.degrade(texture((112, 128), seed=3), restore.psf.motion(9, 30), noise_sigma=0.003, rng=1)
    Image.fromarray(np.uint16(np.rint(65535 * np.clip(moved, 0, 1)))).save(folder / "moved.tif")
    (folder / "no <b>picture.png").write_bytes(b"<script>document.title = 'gone'</script>")
    return folder


@pytest.fixture(scope="module")
def server(serving):
    with serving() as client:
        yield client


def fresh(page, server):
    """Open the page without pictures, on a desk's screen."""
    for picture in server.ask("GET", "/pictures").json["pictures"]:
        server.ask("DELETE", f"/picture/{picture['id']}")
    page.driver.get("about:blank")  # another address than that of the test before: all of it is loaded
    page.log("browser")
    page.open()
    return page


def complaints(page):
    return [message for entry in page.log("browser") if "status of 4" not in (message := entry["message"])]


@pytest.fixture
def page(visit, server, tmp_path):
    """The page, freshly opened; a complaint in the console fails the test."""
    page = fresh(visit(server.link), server)
    page.driver.execute_cdp_cmd("Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    yield page
    assert complaints(page) == []


@pytest.fixture(scope="module")
def garden(visit, server, files):
    """The page with the JPEG, whose settings no test leaves changed; these come last."""
    page = opened(fresh(visit(server.link), server), files / "garden.jpg")
    yield page
    assert complaints(page) == []


def drop(page, *paths):
    page.element("file").send_keys("\n".join(map(str, paths)))


def is_shown(page):
    """Whether a preview has come, and nothing is under way."""
    return page.call("""() => {
        const names = ["state", "after", "working", "busy"];
        const [state, after, working, busy] = names.map((name) => document.getElementById(name));
        return state.textContent !== "" && !!after.src && working.hidden && busy.textContent === "";
    }""")


def opened(page, *paths):
    drop(page, *paths)
    page.wait(lambda: page.text("verdict-trust") not in ("", "Looking closer …"))
    page.wait(lambda: is_shown(page))
    return page


def line(page):
    return page.element("line").get_property("value")


def samples(page, name):
    """Return what an image of the page shows."""
    read = """(id) => {
        const image = document.getElementById(id);
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        canvas.getContext("2d").drawImage(image, 0, 0);
        return canvas.toDataURL("image/png");
    }"""
    with Image.open(io.BytesIO(base64.b64decode(page.call(read, name).partition(",")[2]))) as image:
        return np.asarray(image.convert("RGB"), float)


def steepness(image):
    return np.abs(np.diff(image, axis=1)).mean()


def press(page, name):
    page.call("(id) => document.getElementById(id).click()", name)


def saved(page, folder, name):
    page.wait((folder / name).exists)
    return (folder / name).read_bytes()


def test_a_jpeg_goes_in_and_comes_out_sharper(page, files, tmp_path):
    page.log("performance")
    opened(page, files / "garden.jpg")
    assert "out of focus" in page.text("verdict-words")
    assert "disk" in page.text("state")
    assert steepness(samples(page, "after")) > 1.2 * steepness(samples(page, "before"))
    assert line(page).startswith("deconv deblur garden.jpg -o garden.restored.jpg")
    page.set(quality="fast")
    page.wait(lambda: "--quality fast" in line(page) and is_shown(page))
    press(page, "restore")
    page.wait(lambda: page.driver.find_elements("css selector", "#results li"))
    page.driver.find_element("css selector", "#results li button").click()
    restored = Image.open(io.BytesIO(saved(page, tmp_path, "garden.restored.jpg")))
    assert (restored.format, restored.size) == ("JPEG", (128, 112))
    assert steepness(np.asarray(restored, float)) > 1.2 * steepness(samples(page, "before"))
    press(page, "save-psf")
    saved(page, tmp_path, "psf.npy")
    assert np.load(tmp_path / "psf.npy").sum() == pytest.approx(1)
    assert "#" not in page.driver.current_url, "the secret has left the address"
    events = [json.loads(entry["message"])["message"] for entry in page.log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert asked
    assert [url for url in asked if not url.startswith(OWN)] == [], "nothing is asked for elsewhere"


def test_a_tiff_of_16_bits_keeps_its_depth_and_numbers_may_be_touched(page, files, tmp_path):
    from selenium.webdriver.common.keys import Keys

    opened(page, files / "moved.tif")
    assert "moved" in page.text("verdict-words")
    assert "16-bit gray TIFF" in page.text("about")
    length = page.element("length")
    assert float(length.get_property("value")) == pytest.approx(9, abs=0.5)
    assert page.element("length-auto").is_selected()
    length.send_keys(Keys.CONTROL + "a")
    length.send_keys("8.5" + Keys.TAB)
    page.wait(lambda: "--psf motion --length 8.5" in line(page) and is_shown(page))
    assert not page.element("length-auto").is_selected()
    assert page.element("angle-auto").is_selected(), "what was not touched is found, with the length as given"
    assert "--angle" not in line(page)
    page.set(quality="fast")
    page.wait(lambda: "fast" in line(page) and is_shown(page))
    press(page, "restore")
    page.wait(lambda: page.driver.find_elements("css selector", "#results li"))
    page.driver.find_element("css selector", "#results li button").click()
    restored = Image.open(io.BytesIO(saved(page, tmp_path, "moved.restored.tif")))
    assert (restored.mode, restored.size) == ("I;16", (128, 112))


def test_a_bad_file_is_one_sentence_and_no_part_of_the_page(page, files):
    title = page.driver.title
    drop(page, files / "no <b>picture.png")
    page.wait(lambda: page.text("message"))
    assert "is not a picture of a supported kind" in page.text("message")
    page.wait(lambda: not page.driver.find_elements("css selector", "#pictures li"))
    assert page.driver.find_elements("css selector", "#start b, #message *") == []
    assert page.driver.title == title
    opened(page, files / "moved.tif")
    assert not page.element("message").is_displayed()


def test_a_star_an_edge_and_a_candidate_change_the_settings(page, night):
    opened(page, night)
    tools = {each.get_attribute("data-tool"): each for each in page.driver.find_elements("css selector", "[data-tool]")}
    tools["point"].click()
    tap = """([x, y]) => {
        const area = document.getElementById("overview");
        const { left, top, width, height } = document.getElementById("whole").getBoundingClientRect();
        const at = { clientX: left + x * width, clientY: top + y * height, pointerId: 1, bubbles: true };
        area.setPointerCapture = () => {};
        for (const kind of ["pointerdown", "pointerup"]) area.dispatchEvent(new PointerEvent(kind, at));
    }"""
    page.call(tap, [40.5 / 110, 60.5 / 90])
    page.wait(lambda: "--psf-from-point 25,45,31,31" in line(page))
    page.wait(lambda: "from the point" in page.text("state") and is_shown(page))
    press(page, "no-evidence")
    page.wait(lambda: "--psf-from-point" not in line(page))
    page.set(psf="gaussian", quality="fast")
    page.wait(lambda: "--psf gaussian" in line(page) and is_shown(page))
    press(page, "show-candidates")
    page.wait(lambda: page.element("candidates").is_displayed())
    candidates = page.driver.find_elements("css selector", "#candidates button")
    assert len(candidates) == 9
    assert "3 times sharper" in candidates[0].text
    candidates[8].click()
    page.wait(lambda: "--smoother 3" in line(page) and is_shown(page))
    assert not page.element("sigma-auto").is_selected()


def test_the_link_that_a_browser_is_started_with_holds_a_ticket(visit, serving):
    with serving() as server:
        page = visit(server.once)
        page.open()
        page.wait(lambda: page.call("() => sessionStorage.getItem('deconv-token')") == server.token)
        assert not page.element("message").is_displayed()
        page.driver.switch_to.new_window("tab")  # which knows nothing
        page.open()
        page.wait(lambda: "used before" in page.text("message"))
        page.driver.close()
        page.driver.switch_to.window(page.driver.window_handles[0])
        page.log("browser")


@pytest.mark.slow
def test_several_pictures_get_the_same_settings(page, files):
    opened(page, files / "garden.jpg", files / "no <b>picture.png", files / "moved.tif")
    assert "no-b-picture.png" in page.text("message")
    page.set(psf="disk", quality="fast")
    page.set(radius=2)
    page.wait(lambda: "--radius 2" in line(page) and is_shown(page))
    press(page, "restore-all")
    page.wait(lambda: len(page.driver.find_elements("css selector", "#results li")) == 2)
    words = [each.text for each in page.driver.find_elements("css selector", "#results li p")]
    assert [each.partition(":")[0] for each in words] == ["moved.tif", "garden.jpg"]


@pytest.mark.slow
def test_a_long_run_shows_where_it_is_and_may_be_cancelled(page, files):
    opened(page, files / "garden.jpg")
    page.set(quality="best")
    press(page, "restore")
    page.wait(lambda: "garden.jpg: restoring" in page.text("progress-words"))
    assert "left" in page.text("progress-words")
    press(page, "cancel")
    page.wait(lambda: not page.element("progress").is_displayed())
    assert page.driver.find_elements("css selector", "#results li") == []
    assert page.element("restore").is_enabled()


def test_sliders_that_move_while_a_preview_runs_show_the_last_place(garden):
    page = garden
    move = """(value, kind) => {
        const range = document.querySelector("#parameters input[type=range]");
        range.value = value;
        range.dispatchEvent(new Event(kind, { bubbles: true }));
    }"""
    for value in range(300, 500, 10):
        page.call(move, value, "input")
    page.call(move, 490, "change")
    radius = page.element("radius").get_property("value")
    page.wait(lambda: f"--radius {radius}" in line(page) and is_shown(page))
    page.wait(lambda: f"radius {float(radius):.4g}" in page.text("state"))
    assert page.element("psf").get_property("value") == "disk"
    press(page, "radius-auto")
    page.wait(lambda: "--radius" not in line(page) and is_shown(page))


def test_the_other_meaning_is_one_click_away(garden):
    page = garden
    before = steepness(samples(page, "before"))
    page.set(right_side="transposed")
    page.wait(lambda: page.text("after-name") == "through C\N{PRIME}")
    assert steepness(samples(page, "after")) < before
    assert "inverts nothing" in page.text("transposed-words")
    page.set(right_side="restored")
    page.wait(lambda: page.text("after-name") == "restored")
    assert steepness(samples(page, "after")) > before


def test_charts_come_on_demand_and_before_by_a_key(garden):
    from selenium.webdriver.common.action_chains import ActionChains

    page = garden
    press(page, "show-charts")
    page.wait(lambda: page.element("charts").is_displayed())
    assert len(page.driver.find_elements("css selector", "#charts-words li")) >= 3
    light = page.element("charts-image").get_attribute("src")
    press(page, "theme")
    page.wait(lambda: page.element("charts-image").get_attribute("src") != light)
    press(page, "theme")
    page.wait(lambda: page.element("show-charts").is_enabled())
    clip = "() => getComputedStyle(document.querySelector('.layer.left')).clipPath"
    assert page.call(clip) != "none"
    page.driver.execute_script("document.activeElement.blur()")
    ActionChains(page.driver).key_down("b").perform()
    assert page.call(clip) == "none"
    ActionChains(page.driver).key_up("b").perform()
    assert page.call(clip) != "none"


@pytest.mark.parametrize("width", [360, 650, 1300], ids=lambda width: f"{width} px")
def test_everything_is_reached_and_labelled_and_nothing_is_cut_off(garden, width):
    page = garden
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    page.call("() => { for (const each of document.querySelectorAll('details')) each.open = true; }")
    assert page.call("() => [document.documentElement.scrollWidth, innerWidth]") == [width, width]
    unnamed = """() => [...document.querySelectorAll("input, select, textarea, button, [tabindex], img")]
        .filter((e) => e.checkVisibility() && !(e.labels?.length || e.ariaLabel || e.textContent.trim() || e.alt))
        .map((e) => e.outerHTML)"""
    assert page.call(unnamed) == []
    unreached = """() => [...document.querySelectorAll("input, select, textarea, button, #viewer, #overview")]
        .filter((e) => e.checkVisibility() && e.tabIndex < 0).map((e) => e.outerHTML)"""
    assert page.call(unreached) == []
    small = """() => [...document.querySelectorAll("button, select")].filter((e) => e.checkVisibility())
        .filter((e) => Math.min(e.offsetWidth, e.offsetHeight) < 24).map((e) => e.id)"""
    assert page.call(small) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_can_be_read(garden, dark):
    """Contrast of 4.5 to 1 at least, of every text that is shown, against the ground behind it."""
    page = garden
    page.wish(dark=dark)
    faint = """() => {
        const element = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
        const canvas = element.getContext("2d", { willReadFrequently: true });
        const light = (colour) => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
            const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            return a ? 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255) : null;
        };
        const ground = (e) => (e ? (light(getComputedStyle(e).backgroundColor) ?? ground(e.parentElement)) : 1);
        return [...document.querySelectorAll("body *")]
            .filter((e) => e.checkVisibility() && !e.matches("script, style, option"))
            .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
            .map((e) => [e, [light(getComputedStyle(e).color), ground(e)].sort((a, b) => b - a)])
            .filter(([, [high, low]]) => (high + 0.05) / (low + 0.05) < 4.5).map(([e]) => e.outerHTML.slice(0, 100));
    }"""
    assert page.call(faint) == []
