"""What comes from the package index: the tests hold with its lowest and newest releases, its licences are permissive.

Each test makes environments of its own and asks the index: `make supply` runs them, the default suite does not. A
Python that this machine does not have is skipped, and pytest's summary names it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
#: What a user may ask for beside the program; the other extras are for those who build it.
FEATURES = ("astro", "big", "cluster", "completion", "web")
#: A feature may rest on another one, which the project's own name says.
NEEDED = [*PROJECT["dependencies"], *(line for name in FEATURES for line in EXTRAS[name] if "deconv[" not in line)]
#: Minor versions of Python 3: from the one that is declared to the newest that was released.
LOWEST, NEWEST = int(PROJECT["requires-python"].removeprefix(">=3.")), 15
#: What runs the tests in an environment, beside what the program needs.
TOOLS = ("pytest", "hypothesis", "pypng")
#: The tests of what is installed; those of the tree itself, of its pages and of a browser say nothing about releases.
TESTS = ("tests/restore", "tests/upsample", "tests/deconv", "tests/test_dtype.py", "tests/test_public_api.py")
#: Licences that ask for no more than a notice, by their SPDX names or the words of older metadata. MPL-2.0 (of tqdm)
#: asks for the changes to its own files, and nothing of who uses it.
PERMISSIVE = re.compile(
    r"(MIT|MIT-CMU|BSD(-[23]-Clause)?|0BSD|Apache(-2\.0)?|PSF-2\.0|Python Software Foundation|ISC|Zlib|HPND|CC0-1\.0"
    r"|Unlicense|MPL-2\.0)( Software)?( License)?"
)
LICENCES = """
import importlib.metadata, json
found = {}
for distribution in importlib.metadata.distributions():
    about = distribution.metadata
    names = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line.startswith("License ::")]
    written = about.get("License") or ""
    found[about["Name"]] = about.get("License-Expression") or " AND ".join(names) or written.partition("\\n")[0]
print(json.dumps(found))
"""

pytestmark = pytest.mark.supply


def python(minor):
    """Return a Python 3 of this minor version: on the path, or of pyenv, whose programs on the path may refuse."""
    name, pyenv = f"python3.{minor}", Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    places = [sys.executable, shutil.which(name), *pyenv.glob(f"versions/3.{minor}.*/bin/{name}")]
    for place in filter(None, places):
        code = "import ensurepip, sys, venv; print(*sys.version_info[:2])"
        done = subprocess.run([place, "-c", code], capture_output=True, text=True, check=False)
        if done.stdout.split() == ["3", str(minor)]:
            return place
    pytest.skip(f"no Python 3.{minor} was found on this machine")


def environment(folder, *requirements, base=sys.executable):
    """Make an environment with these packages and what they need; return its folder of programs."""
    told([base, "-m", "venv", folder])
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    told([programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements])
    return programs


def told(command, **settings):
    """Run a command that shall succeed, and return what it prints."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **settings)
    if done.returncode:
        pytest.fail(f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The programs of an environment with the wheel and what it needs, the newest of it, and no feature beside."""
    return environment(tmp_path_factory.mktemp("installed"), wheel)


@pytest.mark.parametrize(
    ("releases", "minor"), [("lowest", LOWEST), *(("newest", minor) for minor in range(LOWEST, NEWEST + 1))]
)
def test_the_tests_hold_with(releases, minor, tmp_path):
    requirements = [line.replace(">=", "==") if releases == "lowest" else line for line in NEEDED]
    programs = environment(tmp_path / "environment", *requirements, *TOOLS, base=python(minor))
    # Old releases beside new ones may call what these have deprecated: that is theirs, and no error here.
    options = ["-q", "-p", "no:cacheprovider", "-o", "filterwarnings=default", "--maxfail=10"]
    told([programs / "python", "-m", "pytest", *options, *TESTS], cwd=ROOT)


def test_every_licence_is_permissive(wheel, tmp_path):
    programs = environment(tmp_path / "environment", f"{wheel}[{','.join(FEATURES)}]")
    licences = json.loads(told([programs / "python", "-c", LICENCES]))
    assert {"deconv", "numpy", "tqdm", "astropy", "zarr", "distributed", "starlette"} <= set(licences)
    terms = {name: re.split(r" AND | OR |; ", text.strip("()")) for name, text in licences.items()}
    assert {name: words for name, words in terms.items() if not all(map(PERMISSIVE.fullmatch, words))} == {}


def test_an_installed_wheel_works_outside_of_the_tree(installed, tmp_path):
    for name in ("sharp.png", "fmap.npy"):
        (tmp_path / name).write_bytes((ROOT / "samples" / name).read_bytes())
    lines = [
        "--version",
        "blur sharp.png --psf disk --radius 2 --noise 0.002 -o blurred.png",
        "deblur blurred.png --reference sharp.png --report page.html --json",
        "estimate blurred.png",
        "upsample fmap.npy",
        "contrast sharp.png",
    ]
    said = [told([installed / "deconv", *line.split()], cwd=tmp_path) for line in lines]
    assert said[0] == told([installed / "python", "-m", "deconv", "--version"], cwd=tmp_path)
    assert json.loads(said[2])["isnr"] > 1
    written = {path.name for path in tmp_path.iterdir()}
    assert {"blurred.restored.png", "blurred.restored.figure.png", "page.html"} <= written
    assert {"fmap.upsampled.npy", "sharp.contrast.png", "sharp.contrast.numbers.png"} <= written


def test_a_source_distribution_installs_by_itself(sdist, tmp_path):
    programs = environment(tmp_path / "environment", sdist)
    assert told([programs / "deconv", "--version"], cwd=tmp_path).startswith("deconv ")
