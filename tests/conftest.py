"""One headless Chromium for all tests of pages, which are opened from their files as a double click does."""

import gc
import json
import os
import shutil
from functools import partial

import hypothesis  # noqa: F401 - asks who refers to its sources of chance, which cannot be told once they are frozen
import pytest

ABSENT = "Chromium not found: install Debian's chromium and chromium-driver, and pip install -e '.[browser]'"
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",  # no network but this machine
)
QUIET = ("--disable-background-networking", "--disable-component-update", "--no-first-run")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Return one process more than there are cores: for a minute of all one waits for a browser."""
    return (os.cpu_count() or 1) + 1


class Page:
    """A page in the browser: scripts and arithmetic are asked for as JSON, which keeps every digit."""

    def __init__(self, driver, address):
        self.driver = driver
        self.address = address

    def open(self, *, width=1200, dark=False, still=False):
        """Load the page afresh on a screen of this width, for a reader with these wishes."""
        screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        self.wish(dark=dark, still=still)
        self.driver.get(self.address)

    def wish(self, *, dark=False, still=False):
        """Set what the system asks of pages: dark colours, less motion."""
        wishes = {
            "prefers-color-scheme": "dark" if dark else "light",
            "prefers-reduced-motion": "reduce" if still else "no-preference",
        }
        features = [{"name": name, "value": value} for name, value in wishes.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def call(self, function, *arguments):
        """Return what a JavaScript function gives for these arguments."""
        script = f"return JSON.stringify(({function})(...JSON.parse(arguments[0])) ?? null)"
        return json.loads(self.driver.execute_script(script, json.dumps(arguments)))

    def element(self, name):
        return self.driver.find_element("id", name)

    def text(self, name):
        return self.element(name).text

    def set(self, **values):
        """Move controls by script, as a mouse would: output_padding=1 sets the control of the id output-padding."""
        move = """(id, value) => {
            const control = document.getElementById(id);
            control.value = value;
            control.dispatchEvent(new Event("input", { bubbles: true }));
            control.dispatchEvent(new Event("change", { bubbles: true }));
        }"""
        for name, value in values.items():
            self.call(move, name.replace("_", "-"), value)

    def table(self, name):
        """Return the words in the cells of a table."""
        cells = "(id) => [...document.querySelectorAll(`#${id} tr`)].map((r) => [...r.cells].map((c) => c.textContent))"
        return self.call(cells, name)

    def wait(self, condition):
        """Wait for what the page does in its own time."""
        from selenium.webdriver.support.wait import WebDriverWait

        WebDriverWait(self.driver, 30, poll_frequency=0.05).until(lambda _: condition())

    def log(self, kind):
        return self.driver.get_log(kind)


gc.disable()  # while thousands of tests are collected, which all stay: looking through them finds nothing


def pytest_collection_finish(session):
    gc.freeze()  # nor do later looks for what a test leaves go through them
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Let all tests without a browser skip at one place, so that the reason is printed once."""
    report = yield
    if report.skipped and ABSENT in str(report.longrepr):
        report.longrepr = (__file__, 1, ABSENT)
    return report


@pytest.fixture(scope="session")
def browser():
    """A driven Chromium, closed at the end; the tests skip where there is none."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    try:
        from selenium import webdriver
    except ImportError:
        webdriver = None
    if webdriver is None or chromium is None or driver is None:
        pytest.skip(ABSENT)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (*ARGUMENTS, *QUIET):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options, webdriver.ChromeService(driver)) as driven:
        yield driven


@pytest.fixture(scope="session")
def visit(browser):
    """Return the function that gives the page at an address."""
    return partial(Page, browser)
