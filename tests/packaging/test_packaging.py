"""What is shipped: one version, a wheel of three packages that is whole, a source distribution that can be tested."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("deconv", "restore", "upsample")
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def version():
    """The version as the sources state it, imported or not."""
    tree = ast.parse((ROOT / "deconv" / "__init__.py").read_text("utf-8"))
    (value,) = (
        node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "__version__"
    )
    return ast.literal_eval(value)


def files_below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def content(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_version_stands_in_one_place():
    assert re.fullmatch(r"\d+\.\d+\.\d+", version())
    assert "version" not in SETTINGS["project"]
    assert SETTINGS["project"]["dynamic"] == ["version"]
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert re.search(r"^version: (.*)$", citation, re.MULTILINE)[1] == version()


def test_the_wheel_has_the_version_and_needs_what_the_project_needs(wheel, content):
    assert wheel.name == f"deconv-{version()}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"deconv-{version()}.dist-info/METADATA").decode()
    required = set(re.findall(r"^Requires-Dist: ([^;\n]+)$", text, re.MULTILINE))
    assert required == set(SETTINGS["project"]["dependencies"])


def test_the_wheel_holds_three_packages_and_nothing_else(content):
    top = {name.partition("/")[0] for name in content}
    assert top == {*PACKAGES, f"deconv-{version()}.dist-info"}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_in_the_wheel(content, tree, package):
    """Modules, hints of types, and what the pages are made of."""
    expected = {f"{package}/{name}" for name in files_below(tree / package)}
    assert f"{package}/py.typed" in expected
    assert {name for name in content if name.startswith(f"{package}/")} == expected


def test_the_licence_and_the_program_are_in_the_wheel(content):
    about = f"deconv-{version()}.dist-info"
    assert {f"{about}/licenses/LICENSE", f"{about}/entry_points.txt"} <= content
    pages = ("deconv/deblur/page/", "deconv/pages/", "deconv/serve/page/")
    kinds = [{Path(name).suffix for name in content if name.startswith(page)} for page in pages]
    assert kinds == [{".py", ".html", ".css"}, {".py", ".css", ".js"}, {".py", ".html", ".css", ".js"}]


def test_an_installed_wheel_explains_itself_by_the_standard_library_alone(wheel, tmp_path):
    """Neither NumPy nor anything else is at hand: what `--help` needs is in the wheel."""
    if not list(importlib.metadata.distributions(name="pip")):
        pytest.skip("no pip here to install the wheel with")
    folder = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    quiet = ["--disable-pip-version-check", "--root-user-action=ignore"]
    subprocess.run([*install, *quiet, "--target", folder, wheel], capture_output=True, check=True)
    code = """
import runpy, sys
sys.path.insert(0, sys.argv.pop(1))
try:
    runpy.run_module("deconv", run_name="__main__", alter_sys=True)
finally:
    top = {name.partition(".")[0] for name in sys.modules}
    print(sorted(top - set(sys.stdlib_module_names) - {"__main__", "_distutils_hack"}))
"""
    words = [sys.executable, "-I", "-S", "-c", code, folder, "--help"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: " in done.stdout
    assert done.stdout.splitlines()[-1] == "['deconv']"


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """An environment of its own with the wheel and nothing that it needs."""
    if not list(importlib.metadata.distributions(name="pip")):
        pytest.skip("no pip here to install the wheel with")
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    install = [sys.executable, "-m", "pip", f"--python={folder / 'bin' / 'python'}", "install", "--quiet", "--no-deps"]
    quiet = ["--no-index", "--disable-pip-version-check", "--root-user-action=ignore"]
    subprocess.run([*install, *quiet, wheel], capture_output=True, check=True)
    return folder


@pytest.mark.parametrize("words", [["--help"], ["deblur", "--help"], ["upsample", "--help"]], ids=" ".join)
def test_the_command_of_an_installed_wheel_works_anywhere(words, environment, tmp_path):
    done = subprocess.run([environment / "bin" / "deconv", *words], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ")
    assert ("examples:" in done.stdout) == (len(words) > 1)


def test_the_source_distribution_is_the_whole_clone(sdist, tree):
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames() if archive.getmember(name).isfile()}
    generated = {name for name in inside if name.startswith("deconv.egg-info/")} | {"PKG-INFO", "setup.cfg"}
    assert inside - generated == files_below(tree)


def test_a_wheel_of_the_source_distribution_is_the_same(sdist, content, built, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    (tmp_path / "wheel").mkdir()
    with zipfile.ZipFile(built("wheel", source, tmp_path / "wheel")) as archive:
        assert set(archive.namelist()) == content
