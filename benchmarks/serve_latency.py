"""How soon the page of `serve` answers, as its reader sees it: measured in a headless Chromium.

A photograph of scikit-image (or `--picture`) is enlarged by mirroring to 3 and 12 megapixels, defocused, with noise, as
a JPEG. "words" counts from the choice of the file to the sentence about the blur, the first one and the final one;
"draft" and "final" from a request to the decoded image on the page, the PSF another one each time, 384 and 512 samples
a side. "memory" is what the server holds more than at its start when so many pictures have come and gone. On a busy
machine all of it takes longer: the load is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore
from deconv import pictures

ROOT = Path(__file__).resolve().parents[1]
#: Seconds that the page shall answer in, on two cores.
GOALS = {"words": 2.0, "draft": 0.15, "final fast": 0.6, "final good": 1.5}
ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
#: Asks for a part with one setting after the other, and returns the milliseconds to each decoded image.
ASK = """
const [id, show, box, settings, done] = arguments;
(async () => {
  const times = [];
  for (const setting of settings) {
    const begun = performance.now();
    const { url } = await Server.image("/preview", { id, show, box, settings: setting });
    await Preview.put("after", url);
    times.push(performance.now() - begun);
  }
  done(times);
})().catch((error) => done(String(error)));
"""


def photograph(path: Path, megapixels: float, source: str | None) -> None:
    """Write a defocused JPEG of about so many megapixels."""
    from PIL import Image
    from skimage import data

    sharp = np.asarray(Image.open(source).convert("RGB")) if source else data.coffee()
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    shape = (height, height * 4 // 3)
    pads = [(0, max(0, n - m)) for n, m in zip(shape, sharp.shape, strict=False)]
    sharp = np.pad(sharp, [*pads, (0, 0)], mode="symmetric")[: shape[0], : shape[1]]
    light = pictures.srgb_to_linear(sharp.astype(np.float32) / 255)
    blurred = restore.degrade(light, restore.psf.disk(3), noise_sigma=0.003, rng=0, channel_axis=-1)
    codes = 255 * pictures.linear_to_srgb(np.clip(blurred, 0, 1))
    Image.fromarray(codes.round().astype(np.uint8)).save(path, quality=95)


@contextmanager
def browser() -> Iterator[Any]:
    """Give a headless Chromium."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ARGUMENTS:
        options.add_argument(argument)
    with webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver")) as driver:
        driver.set_script_timeout(600)
        yield driver


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """Give the link of a running page, and the number of its process."""
    command = [sys.executable, str(ROOT / "cli.py"), "serve", "--no-browser"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            yield process.stderr.readline().split()[-1], process.pid
        finally:
            process.terminate()


def wait(driver, condition: str, seconds: float = 900) -> float:
    """Return the seconds until something is true on the page."""
    begun = time.perf_counter()
    while not driver.execute_script(f"return {condition}"):
        if time.perf_counter() - begun > seconds:
            raise TimeoutError(condition)
        time.sleep(0.005)
    return time.perf_counter() - begun


def text(name: str) -> str:
    return f"document.getElementById('{name}').textContent"


def tell(name: str, seconds: list[float], goal: float | None = None) -> None:
    """Print a line of the table."""
    middle, most = statistics.median(seconds), max(seconds)
    aim = "" if goal is None else f"{goal:8.2f}  {'reached' if middle <= goal else 'missed'}"
    print(f"{name:34s} {middle:8.2f} {most:8.2f} {aim}", flush=True)


def drop(driver, path: Path) -> None:
    """Choose a file, and tell when its blur is put in words and shown."""
    driver.find_element("id", "file").send_keys(str(path))
    waiting = {
        "words, first look": f"{text('verdict-words')}.startsWith('It looks')",
        "first draft on the page": f"{text('state')} !== ''",
        "first final preview on the page": f"{text('state')} !== '' && {text('after-name')} === 'restored'",
        "words, all of it looked at": f"!['', 'Looking closer \u2026'].includes({text('verdict-trust')})",
    }
    begun = time.perf_counter()
    while waiting:
        holds = driver.execute_script(f"return [{','.join(waiting.values())}]")
        for name in [name for name, is_true in zip(waiting, holds, strict=True) if is_true]:
            tell(name, [time.perf_counter() - begun], GOALS["words"] if name == "words, first look" else None)
            del waiting[name]
        time.sleep(0.005)


def previews(driver, count: int) -> None:
    """Tell how long previews take while one number changes."""
    wait(driver, f"document.getElementById('working').hidden && !{text('state')}.includes('settling')")
    time.sleep(1)  # nothing of the page's own comes between
    key = driver.execute_async_script("Server.pictures().then((all) => arguments[0](all.at(-1).id))")
    for name, show, edge, more in (
        ("draft", "draft", 384, {}),
        ("final fast", "final", 512, {"quality": "fast"}),
        ("final good", "final", 512, {}),
    ):
        trials = [{"psf": "disk", "radius": 2 + 2 * i / count, **more} for i in range(count + 1)]
        times = driver.execute_async_script(ASK, key, show, [300, 200, edge, edge], trials)
        if isinstance(times, str):
            raise RuntimeError(times)
        tell(
            f"{name}, {edge} x {edge}", [t / 1000 for t in times[1:]], GOALS[name]
        )  # the first one looks at the picture


def whole(driver, path: Path) -> None:
    """Tell how long a whole picture takes, and how often the page heard of it."""
    driver.find_element("id", "file").send_keys(str(path))
    wait(driver, f"!['', 'Looking closer \\u2026'].includes({text('verdict-trust')}) && {text('busy')} === ''")
    driver.execute_script("document.getElementById('quality').value = 'fast'")
    driver.execute_script("document.getElementById('quality').dispatchEvent(new Event('change'))")
    begun, said = time.perf_counter(), set()
    driver.execute_script("document.getElementById('restore').click()")
    while not driver.execute_script("return document.querySelectorAll('#results li').length"):
        said.add(driver.execute_script(f"return {text('progress-words')}"))
        time.sleep(0.2)
    tell(f"whole picture, fast ({len(said)} words of progress)", [time.perf_counter() - begun])


def memory(link: str, pid: int, path: Path, count: int) -> None:
    """Tell what is left in memory after many pictures."""
    start, _, token = link.partition("#")

    def ask(method: str, where: str, content: bytes) -> bytes:
        request = urllib.request.Request(f"{start}{where}", content or None, {"X-Deconv-Token": token}, method=method)
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def come_and_go() -> None:
        key = json.loads(ask("PUT", "picture", path.read_bytes()))["id"]
        for show in ("before", "draft", "final"):
            content = {"id": key, "show": show, "box": [300, 200, 512, 512], "settings": {"psf": "disk", "radius": 3}}
            ask("POST", "preview", json.dumps(content).encode())
        ask("DELETE", f"picture/{key}", b"")

    def held() -> float:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024

    before = held()
    for _ in range(count):
        come_and_go()
    print(f"{f'memory after {count} pictures':34s} {held() - before:+8.0f} MB of {before:.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", help="sharp photograph instead of scikit-image's")
    parser.add_argument("--count", type=int, default=12, help="previews of each kind (12)")
    parser.add_argument("--pictures", type=int, default=20, help="pictures that come and go (20)")
    parser.add_argument("--large", type=float, default=12, help="megapixels of the whole picture; 0 for none (12)")
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'':34s} {'median s':>8s} {'most s':>8s} {'goal s':>8s}")
    with tempfile.TemporaryDirectory() as folder, server() as (link, pid), browser() as driver:
        small, large = Path(folder) / "photo.jpg", Path(folder) / "large.jpg"
        photograph(small, 3, options.picture)
        memory(link, pid, small, options.pictures)
        driver.get(link)
        drop(driver, small)
        previews(driver, options.count)
        if options.large:
            photograph(large, options.large, options.picture)
            whole(driver, large)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
