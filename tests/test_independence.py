"""Who may know whom: asked of the loaded modules in a fresh process, and of the imports in the sources."""

import ast
import graphlib
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: The program's own code, and with it the packages it composes.
PROGRAM = {"cli", "deconv"}
#: What a package's sources may import of the house.
MAY_IMPORT = {"restore": {"restore"}, "upsample": {"upsample"}}


def loaded(code):
    """Top-level names of the modules that a fresh interpreter has loaded after running `code`."""
    report = "import json, sys; print('\\n' + json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@cache
def imported(path):
    """Full names of what a source file imports, wherever in it; the files of a package are asked for every folder."""
    return tuple(_imported(path))


def _imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively: name the module in full"
            source = node.module
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_loads_neither_the_other_meaning_nor_plotting(package):
    found = loaded(f"import {package}")
    assert {"scipy", package} <= found
    others = set(MAY_IMPORT) - {package}
    heavy = {"matplotlib", "skimage", "PIL", "tifffile", "imagecodecs", "torch", "onnx", "jax", "keras"}
    assert not found & {*others, *PROGRAM, *heavy}


def test_restoring_loads_no_more():
    found = loaded("import numpy, restore; restore.deconvolve(numpy.eye(16), restore.psf.disk(1), method='inverse')")
    assert not found & {"upsample", "matplotlib", "skimage"}


def test_commands_load_what_draws_only_to_draw():
    commands = ", ".join(f"deconv.{name}.run" for name in ("blur", "deblur", "estimate", "psf", "upsample"))
    parts = "{'scipy.signal', 'scipy.stats'} & set(sys.modules)"  # as slow to load as a small picture to restore
    found = loaded(f"import sys, {commands}; assert not {parts}, {parts}")
    assert {"scipy", "deconv"} <= found
    assert not found & {"matplotlib", "skimage"}


@pytest.mark.parametrize("words", [["--help"], ["deblur", "--help"]], ids=" ".join)
def test_help_loads_nothing_scientific(words):
    found = loaded(
        f"""
import runpy, sys
sys.argv = ["cli.py", *{words!r}]
try:
    runpy.run_path("cli.py", run_name="__main__")
except SystemExit as stop:
    assert not stop.code, stop.code
"""
    )
    assert "argparse" in found
    assert not found & {"scipy", "skimage", "matplotlib"}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_sources_import_no_other_package_of_the_house(package):
    house = {*MAY_IMPORT, *PROGRAM}
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    foreign = {
        (path.name, name)
        for path in files
        for name in imported(path)
        if (top := name.partition(".")[0]) in house and top not in MAY_IMPORT[package]
    }
    assert foreign == set()


@cache
def modules_below(package):
    """Full name to file of every module of a package, at any depth, and of the packages in it."""
    files = (ROOT / package).rglob("*.py")
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in files}
    return {name.removesuffix(".__init__"): path for name, path in names.items()}


def child(folder, module):
    """The file or folder directly below `folder` that holds a module, None for a module elsewhere."""
    inside = module.startswith(f"{folder}.")
    return module.removeprefix(f"{folder}.").partition(".")[0] if inside else None


def folders(package):
    """A package and the packages in it, at any depth."""
    return sorted({name.rpartition(".")[0] for name in modules_below(package)} - {""})


@pytest.mark.parametrize("folder", [folder for package in [*MAY_IMPORT, "deconv"] for folder in folders(package)])
def test_imports_make_no_cycle(folder):
    """Between the files and folders of one folder, each folder taken as one: a front lists what lies below it."""
    modules = modules_below(folder.partition(".")[0])
    graph = {}
    for name, path in modules.items():
        if (room := child(folder, name)) is not None:
            others = {child(folder, other) for other in imported(path) if other in modules}
            graph.setdefault(room, set()).update(others - {room, None})
    graphlib.TopologicalSorter(graph).prepare()


def test_folders_are_looked_into():
    assert "restore.psf" in folders("restore")


def test_the_mathematics_touch_no_file_and_print_nothing():
    for package in ("restore", "upsample"):
        for path in (ROOT / package).rglob("*.py"):
            calls = {
                node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute))
            }
            assert not calls & {"open", "imread", "imsave", "load", "save", "savez", "print"}, path


@pytest.mark.parametrize("name", ["constraints.txt", ".pre-commit-config.yaml", "Makefile", ".ci/run"])
def test_what_installs_names_no_host(name):
    assert "http" not in (ROOT / name).read_text(encoding="utf-8").lower()


def test_no_file_is_named_after_nothing():
    empty = {"utils", "util", "helpers", "helper", "core", "misc", "common", "tools"}
    sources = [p for p in ROOT.rglob("*.py") if not {".venv", "build"} & set(p.relative_to(ROOT).parts)]
    assert len(sources) > 30
    assert [p for p in sources if p.stem.lstrip("_") in empty] == []
