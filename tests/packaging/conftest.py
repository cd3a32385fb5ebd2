"""What is shipped, built once for all tests of it: a clean clone, its wheel and its source distribution."""

import importlib.metadata
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("deconv", "restore", "upsample")
#: What a clone holds; what else lies beside it (an environment, notes) is nobody's business.
CLONE = {
    *PACKAGES,
    *(".ci", ".gitignore", ".pre-commit-config.yaml", "MANIFEST.in", "Makefile", "constraints.txt", "pyproject.toml"),
    *("CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "README.md"),
    *("benchmarks", "cli.py", "docs", "samples", "tests"),
}


def build(kind, tree, folder):
    """Build by the build backend itself, in a process of its own, since it works in the current folder."""
    code = f"import sys; from setuptools import build_meta; build_meta.build_{kind}(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, folder], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = folder.iterdir()
    return file


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """A clean clone."""
    present = next((one.version for one in importlib.metadata.distributions(name="setuptools")), "0")
    if int(present.partition(".")[0]) < 77:
        pytest.skip(f"setuptools {present} cannot build this project: pip install -e '.[test]'")
    built_pages = {ROOT / "docs" / name for name in ("_build", "api", "gallery")}

    def left_out(folder, names):
        others = set(names) - CLONE if Path(folder) == ROOT else set()
        return others | {name for name in names if name == "__pycache__" or Path(folder) / name in built_pages}

    clone = tmp_path_factory.mktemp("clone") / "deconv"
    shutil.copytree(ROOT, clone, ignore=left_out)
    return clone


@pytest.fixture(scope="session")
def wheel(tree, tmp_path_factory):
    return build("wheel", shutil.copytree(tree, tree.with_name("for_wheel")), tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(tree, tmp_path_factory):
    return build("sdist", shutil.copytree(tree, tree.with_name("for_sdist")), tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def built():
    """Return the function that builds a wheel or a source distribution of a tree."""
    return build
