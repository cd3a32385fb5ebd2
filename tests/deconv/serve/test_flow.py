"""From a file to its result, as the page asks for it: by the same functions as the program, byte by byte."""

import io
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import restore
from deconv.serve.work.job import ENDED

ROOT = Path(__file__).resolve().parents[3]
DISK = {"psf": "disk", "radius": 2, "quality": "fast"}


@pytest.fixture(scope="module")
def file(texture, tmp_path_factory):
    """A blurred photograph."""
    path = tmp_path_factory.mktemp("file") / "photo.jpg"
    light = restore.degrade(texture((150, 200, 3)), restore.psf.disk(2), noise_sigma=0.004, rng=0, channel_axis=-1)
    Image.fromarray((255 * np.clip(light, 0, 1)).round().astype(np.uint8)).save(path, quality=97)
    return path


@pytest.fixture(scope="module")
def key(page, file):
    return page.put(file, name="my%20photo.jpg")


def post(page, path, key, **content):
    return page.ask("POST", path, body={"id": key, **content})


def wait(page, job):
    for _ in range(600):
        state = page.ask("GET", f"/job/{job}").json
        if state["state"] != "running":
            return state
        time.sleep(0.05)
    raise TimeoutError


def image(answer):
    assert answer.status == 200, answer.body
    return Image.open(io.BytesIO(answer.body)), json.loads(answer.headers["x-deconv-numbers"])


def test_a_picture_is_described_and_its_blur_put_in_words(page, key):
    facts = post(page, "/describe", key).json
    assert (facts["width"], facts["height"]) == (200, 150)
    assert "8-bit RGB JPEG" in facts["about"]
    blur = post(page, "/estimate", key).json
    assert blur["family"] == "disk"
    assert blur["parameters"]["radius"] == pytest.approx(2, abs=0.3)
    assert "out of focus" in blur["words"]
    shown, _ = image(post(page, "/overview", key))
    assert shown.size == (200, 150)


def test_a_part_is_shown_in_many_ways(page, key):
    shown = {}
    for show in ("before", "draft", "final", "settled", "transposed"):
        picture, numbers = image(post(page, "/preview", key, show=show, box=[20, 30, 128, 96], settings=DISK))
        assert picture.size == (128, 96)
        shown[show] = np.asarray(picture, float)
        assert numbers.get("level", show) == show
    sharpness = {show: np.abs(np.diff(values, axis=1)).mean() for show, values in shown.items()}
    assert sharpness["transposed"] < sharpness["before"] < sharpness["final"], "only one of the two undoes the blur"
    psf, _ = image(post(page, "/preview", key, show="psf", box=[0, 0, 9, 9], settings=DISK))
    assert psf.size[0] >= 120
    charts, numbers = image(post(page, "/preview", key, show="charts", box=[20, 30, 128, 96], settings=DISK, dark=True))
    assert charts.size[0] > 1000
    assert len(numbers["meanings"]) >= 3
    psf = np.load(io.BytesIO(post(page, "/psf", key, settings=DISK).body), allow_pickle=False)
    np.testing.assert_allclose(psf, restore.psf.disk(2))


def test_candidates_say_what_they_are(page, key):
    sheet, numbers = image(post(page, "/preview", key, show="candidates", box=[0, 0, 200, 150], settings=DISK))
    tried = numbers["candidates"]
    assert (numbers["columns"], len(tried), sheet.size) == (3, 9, (3 * 192, 3 * 150))
    assert [each["radius"] for each in tried[:3]] == [1.8, 2.0, 2.2]
    assert [{k: v for k, v in each.items() if k.startswith("s")} for each in tried[::3]] == [
        {"sharper": 3.0},
        {},
        {"smoother": 3.0},
    ]
    chosen, _ = image(post(page, "/preview", key, show="final", box=[4, 0, 192, 150], settings={**DISK, **tried[0]}))
    difference = np.asarray(chosen, float) - np.asarray(sheet, float)[:150, :192]
    assert np.abs(difference).mean() < 1, "what was chosen is what is shown"


@pytest.mark.parametrize(
    "settings",
    [pytest.param({}, marks=pytest.mark.slow), {**DISK, "smoother": 1.5, "light": "linear"}],
    ids=["auto", "set"],
)
def test_the_result_is_what_the_printed_command_writes(page, key, file, settings, tmp_path, monkeypatch, run):
    line = post(page, "/command", key, settings=settings).json["line"]
    started = post(page, "/restore", key, settings=settings)
    assert started.status == 201
    job = started.json["job"]
    assert wait(page, job)["state"] == "done"
    (tmp_path / "my photo.jpg").write_bytes(file.read_bytes())
    program, *words = shlex.split(line)
    assert program == "deconv"
    monkeypatch.chdir(tmp_path)
    assert run(*words) == 0
    answer = page.ask("GET", f"/result/{job}/picture")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-photo.restored.jpg"'
    assert answer.body == (tmp_path / "my photo.restored.jpg").read_bytes()
    assert b"</html>" in page.ask("GET", f"/result/{job}/report").body
    assert page.ask("GET", f"/result/{job}/../../etc/passwd").status == 404
    assert page.ask("GET", f"/result/{job}/lock").status == 404


def test_progress_is_said_and_a_job_may_be_cancelled(page, key):
    job = post(page, "/restore", key, settings={"psf": "disk", "radius": 2, "method": "total_variation"}).json["job"]
    titles, shares = set(), [0.0]
    for _ in range(400):
        state = page.ask("GET", f"/job/{job}").json
        titles.add(state["title"])
        assert state["state"] != "running" or state["left"].endswith((" s", " min")), "from the first moment on"
        shares.append(state["share"] or 0.0)
        if "total_variation" in titles:
            break
        time.sleep(0.02)
    assert "total_variation" in titles
    assert shares == sorted(shares)
    newer = post(page, "/restore", key, settings=DISK).json["job"]  # the one before ends
    assert page.ask("GET", f"/job/{job}").status == 404
    assert page.ask("DELETE", f"/job/{newer}").status == 200
    assert wait(page, newer)["state"] == "cancelled"
    assert page.ask("GET", f"/result/{newer}/picture").status == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<script>alert(1)</script>", "is not a picture of a supported kind"),
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged"),
        (
            b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,)}".ljust(128)
            + b"cos\nsystem\n",
            "(",
        ),
    ],
)
def test_a_file_that_is_no_picture_is_one_sentence(page, tmp_path, content, words):
    (tmp_path / "bad.png").write_bytes(content)
    key = page.put(tmp_path / "bad.png", name="%3Cimg%20src=x%20onerror=alert(1)%3E.png")
    answer = post(page, "/describe", key)
    assert answer.status == 422
    assert answer.headers["content-type"] == "application/json"
    assert words in answer.json["error"]
    assert "Traceback" not in answer.json["error"]
    assert str(tmp_path.parent.parent) not in answer.json["error"]
    page.ask("DELETE", f"/picture/{key}")


@pytest.mark.slow
def test_a_job_says_in_the_same_sentence_what_is_wrong(page, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    key = page.put(tmp_path / "bad.png")
    state = wait(page, post(page, "/restore", key).json["job"])
    assert state["state"] == "failed"
    assert state["error"] == post(page, "/describe", key).json["error"]


def test_too_many_pixels_are_refused_before_they_are_decoded(serving, tmp_path):
    Image.new("1", (4000, 3000)).save(tmp_path / "bomb.png")
    with serving("--max-pixels", 1_000_000) as page:
        answer = post(page, "/describe", page.put(tmp_path / "bomb.png"))
        assert answer.status == 422
        assert "--max-pixels" in answer.json["error"]


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/preview", {"show": "final", "box": [0, 0, 5000, 5000]}, 422),
        ("/preview", {"show": "final", "box": "x"}, 422),
        ("/preview", {"show": "__class__", "box": [0, 0, 9, 9]}, 400),
        ("/preview", {"show": ["x"], "box": [0, 0, 9, 9]}, 400),
        ("/preview", {"show": "final", "box": [0, 0, 99, 99], "settings": {"psf": "motion", "radius": 3}}, 422),
        ("/preview", {"show": "final", "box": [0, 0, 99, 99], "settings": {"psf-from-point": [900, 900, 9, 9]}}, 422),
        ("/restore", {"settings": {"psf": "../x.npy"}}, 422),
        ("/restore", {"settings": []}, 400),
        ("/estimate", {"id": "../.."}, 404),
        ("/estimate", {"id": {"a": 1}}, 404),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(page, key, path, content, status):
    answer = page.ask("POST", path, body={"id": key, **content})
    assert answer.status == status
    assert "\n" not in answer.json["error"]
    assert len(answer.json["error"]) < 300


def test_a_body_that_is_no_object_is_refused(page):
    for body in (b"[1]", b"{", b"\xff\xfe", b"[" * 60_000, b'"x"'):
        assert page.ask("POST", "/estimate", body=body).status == 400
    assert page.ask("POST", "/estimate", body=b" " * 70_000).status == 413


def test_of_previews_at_once_the_last_wins(page, key):
    settings = {"psf": "disk", "radius": 2, "method": "richardson_lucy", "iterations": 40}
    answers = {}

    def ask(number):
        content = {"show": "final", "box": [0, 0, 200, 150], "settings": {**settings, "radius": 2 + number / 100}}
        answers[number] = post(page, "/preview", key, **content)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
        time.sleep(0.03)
    for thread in threads:
        thread.join()
    assert answers[9].status == 200
    assert json.loads(answers[9].headers["x-deconv-numbers"])["psf"]["radius"] == 2.09
    assert {answer.status for answer in answers.values()} == {200, 409}
    assert sum(answer.status == 200 for answer in answers.values()) <= 3
    refused = next(answer for answer in answers.values() if answer.status == 409)
    assert refused.json == {"superseded": True}


def test_pictures_to_begin_with_are_there(serving, file):
    with serving(file) as page:
        (picture,) = page.ask("GET", "/pictures").json["pictures"]
        assert picture["name"] == str(file)
        line = post(page, "/command", picture["id"]).json["line"]
        assert shlex.split(line)[-5:] == [
            *("-o", str(file.with_name("photo.restored.jpg"))),
            *("--report", str(file.with_name("photo.report.html")), "--no-figure"),
        ]


def children(pid):
    """Return the processes that descend from another."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = dict(map(int, line.split()) for line in listed.splitlines())
    return [child for child, parent in parents.items() if parent == pid]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{pid}/stat").exists() or ") Z" not in Path(f"/proc/{pid}/stat").read_text()


def test_what_is_killed_leaves_no_process_and_its_folder_goes_with_the_next(file, tmp_path, page):
    command = [sys.executable, ROOT / "cli.py", "serve", "--no-browser"]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path) as first:
        page = type(page)(first.stderr.readline().split()[-1])
        key = page.put(file)
        page.ask("POST", "/restore", body={"id": key, "settings": {"psf": "blind"}})
        (child,) = children(first.pid)
        assert alive(child)
        first.kill()
    for _ in range(200):
        if not alive(child):
            break
        time.sleep(0.05)
    assert not alive(child)
    (left,) = tmp_path.iterdir()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path) as second:
        second.stderr.readline()
        (folder,) = tmp_path.iterdir()
        assert folder != left
        second.send_signal(signal.SIGTERM)
        second.wait(20)
    assert second.returncode == 143
    assert list(tmp_path.iterdir()) == []


def test_a_job_that_dies_says_so(page, key, monkeypatch):
    from deconv.serve.work import job

    monkeypatch.setattr(job.sys, "executable", "/bin/false")
    started = post(page, "/restore", key, settings=DISK).json["job"]
    state = wait(page, started)
    assert (state["state"], state["error"]) == ("failed", ENDED)
