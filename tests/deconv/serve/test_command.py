"""Settings of the page are words of the command line, and nothing else."""

import shlex

import pytest

from deconv.errors import UsageError
from deconv.serve.command import FAMILIES, Command, request_for, words_of
from deconv.settings import PSFChoice


def test_settings_become_words_in_one_order():
    settings = {"smoother": 1.5, "radius": 3.25, "light": "linear", "psf": "disk", "quality": "fast", "angle": None}
    assert words_of(settings) == (
        "--psf",
        "disk",
        "--radius",
        "3.25",
        "--quality",
        "fast",
        "--smoother",
        "1.5",
        "--linear",
    )
    assert words_of({}) == ()
    assert words_of({"psf-from-point": [1, 2, 30, 40], "frame": "all", "angle": -30.0}) == (
        *("--angle", "-30", "--psf-from-point", "1,2,30,40", "--frame", "all"),
    )


def test_the_program_reads_what_was_set():
    command = Command.on("a.png", words_of({"psf": "motion", "length": 9, "angle": -30, "sharper": 2, "light": "srgb"}))
    request = request_for(command.words)
    assert request.psf == PSFChoice(psf="motion", parameters={"length": 9.0, "angle": -30.0})
    assert (request.method.smoothness, request.reading.light) == (0.5, "srgb")
    assert request.destination.output == "a.restored.png"
    assert request.judging.page == "a.report.html"
    assert request_for(Command.on("a.png", ()).words).psf.psf == "auto"


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("my photo.jpg", "deconv deblur 'my photo.jpg' -o 'my photo.restored.jpg'"),
        ("-x.tif", "deconv deblur ./-x.tif -o ./-x.restored.tif"),
        ("$(rm).avif", "deconv deblur '$(rm).avif' -o '$(rm).restored.png'"),
        ("a/b.png", "deconv deblur a/b.png -o a/b.restored.png --report a/b.report.html"),
    ],
)
def test_the_line_is_for_a_shell(name, start):
    command = Command.on(name, ())
    assert command.line("deconv").startswith(start)
    assert shlex.split(command.line("cli.py")) == ["python", "cli.py", *command.words]
    request_for(command.words)


@pytest.mark.parametrize(
    "settings",
    [
        {"psf": "/etc/passwd"},
        {"psf": "measured"},
        {"psf": ["disk"]},
        {"psf": None, "output": "x"},
        {"mask": "x"},
        {"radius": "3"},
        {"radius": float("nan")},
        {"radius": True},
        {"radius": 10**400},
        {"quality": "--force"},
        {"quality": 3},
        {"boundary": "../x"},
        {"light": "-o"},
        {"psf-from-point": [1, 2, 3]},
        {"psf-from-edge": [1, 2, 3, 4.5]},
        {"psf-from-edge": "1,2,3,4"},
    ],
    ids=str,
)
def test_what_the_page_cannot_set_is_refused(settings):
    with pytest.raises(UsageError, match=r".+ \(.+\)"):
        words_of(settings)


def test_words_that_the_program_refuses_are_refused_by_it():
    for settings in ({"radius": -1}, {"quality": "finest"}, {"smoother": 2, "sharper": 2}, {"psf-size": 3.5}):
        with pytest.raises(UsageError):
            request_for(Command.on("a.png", words_of(settings)).words)


def test_every_family_may_be_set():
    for family in FAMILIES:
        assert request_for(Command.on("a.png", words_of({"psf": family})).words).psf.psf == family
