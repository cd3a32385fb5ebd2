"""The shape of the house: small files in small folders, short functions, and nothing private over a threshold."""

import ast
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("deconv", "restore", "upsample")
ROOMS = 16  # files and folders at the top of `restore`
FILES = 14  # Python files in one folder
LINES = 350  # of one file, docstrings included
MEDIAN_LINES = 200  # of the files of `restore`
BODY = 12  # lines of a function without its docstring: half of them are below


def sources(*places):
    """Every Python file of the project's folders, at any depth; built pages are none of it."""
    files = [path for place in places for path in sorted((ROOT / place).rglob("*.py"))]
    built = [ROOT / "docs" / name for name in ("_build", "api", "gallery")]
    return [path for path in files if not set(built) & set(path.parents)]


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def length(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def body_length(function):
    """Lines from the first statement behind the docstring to the last."""
    statements = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return statements[-1].end_lineno - statements[0].lineno + 1 if statements else 0


def file_of(module):
    """The file of a module of the project, None for any other module."""
    path = ROOT.joinpath(*module.split("."))
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()), None)


def is_save(node):
    """Whether a node of the syntax is a call of one of NumPy's functions that write files."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "np"
        and (node.attr.startswith("save") or node.attr == "tofile")
    )


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def private_imports(tree, path):
    """Names with an underscore that a file takes from modules outside its folder."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [(node.module or "", alias.name) for alias in node.names]
        else:
            continue
        for module, name in names:
            parts = module.split(".") if file_of(module) else []
            owners = [".".join(parts[:end]) for end, part in enumerate(parts) if is_private(part)]
            owners += [module] if parts and is_private(name) else []
            # `a._b` belongs to the folder a; `_x` of the module a.b to the folder in which its file lies.
            if any(file_of(owner).parent != path.parent for owner in owners):
                yield f"{name_of(path)}: {module} {name}".rstrip()


def test_the_front_of_restore_is_seen_at_a_glance():
    rooms = {p.name for p in (ROOT / "restore").iterdir() if p.suffix == ".py" or (p.is_dir() and any(p.glob("*.py")))}
    assert len(rooms) <= ROOMS, sorted(rooms)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_folder_is_crowded(package):
    folders = {path.parent for path in sources(package)}
    crowded = {name_of(folder): count for folder in folders if (count := len(list(folder.glob("*.py")))) > FILES}
    assert crowded == {}


@pytest.mark.parametrize("package", [*PACKAGES, "cli.py"])
def test_no_file_is_long(package):
    files = [ROOT / package] if package.endswith(".py") else sources(package)
    assert {name_of(path): length(path) for path in files if length(path) > LINES} == {}


def test_most_files_of_the_mathematics_are_short():
    assert statistics.median(length(path) for path in sources("restore") if path.name != "__init__.py") <= MEDIAN_LINES


@pytest.mark.parametrize("package", PACKAGES)
def test_half_of_the_functions_are_short(package):
    functions = [
        node
        for path in sources(package)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert len(functions) > 40
    assert statistics.median(map(body_length, functions)) < BODY


@pytest.mark.parametrize("place", [*PACKAGES, "benchmarks", "docs"])
def test_nothing_private_is_taken_from_another_folder(place):
    assert [line for path in sources(place) for line in private_imports(parsed(path), path)] == []


@pytest.mark.parametrize("place", [*PACKAGES, "benchmarks", "docs", "tests"])
def test_modules_are_imported_by_their_full_name(place):
    relative = [
        f"{name_of(path)}:{node.lineno}"
        for path in sources(place)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


@pytest.mark.parametrize("package", PACKAGES)
def test_folders_below_the_top_hide_no_module(package):
    """Public is what `__all__` lists; an underscore in the name of a file says nothing more."""
    below = [path for path in sources(package) if path.parent != ROOT / package]
    assert [name_of(path) for path in below if is_private(path.stem)] == []


def test_arrays_are_written_by_one_function():
    """NumPy's own `save` does not hear of a full disk where the array is small, and leaves half of it."""
    writers = [name_of(path) for path in sources("deconv") for node in ast.walk(parsed(path)) if is_save(node)]
    assert writers == []


@pytest.mark.parametrize("package", ["restore", "upsample"])
def test_the_libraries_refuse_by_their_own_errors(package):
    """A program tells by them what it may say to its user from what is a fault: see `checks.Refusal`."""
    plain = [
        f"{name_of(path)}:{node.lineno}"
        for path in sources(package)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Raise)
        and {name.id for name in ast.walk(node) if isinstance(name, ast.Name)} & {"ValueError", "TypeError"}
    ]
    assert plain == []


@pytest.mark.parametrize(
    ("line", "noticed"),
    [
        ("from restore.checks import _anything", True),
        ("from restore.checks import as_image", False),
        ("from upsample._checkerboard import overlap_map", True),
        ("import upsample._checkerboard", True),
        ("from upsample import _checkerboard", True),
        ("from numpy import _core", False),
        ("from deconv import __version__", False),
    ],
)
def test_a_private_import_is_noticed(line, noticed):
    assert bool(list(private_imports(ast.parse(line), ROOT / "benchmarks" / "speed.py"))) is noticed


def test_within_a_folder_private_names_may_be_shared():
    line = "from upsample._checkerboard import overlap_map"
    assert not list(private_imports(ast.parse(line), ROOT / "upsample" / "conv.py"))


#: Words of the glossary that name no value, and the places where a public name has one of them all the same.
NO_NAMES = {
    "asked",
    "charge",
    "charged",
    "found",
    "given",
    "kept",
    "lifted",
    "passed",
    "seen",
    "told",
    "transfer",
    "wanted",
}
PUBLIC = {
    "restore/blur_identification/spectral/from_spectrum.py": {"given"},  # of `estimate_psf`
    "restore/diagnosis/diagnosis.py": {"transfer"},  # of `Diagnosis`
}


def names(tree):
    """What a file calls its values, functions and classes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield (node.id if isinstance(node, ast.Name) else node.attr).lstrip("_")
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name.lstrip("_")


@pytest.mark.parametrize("package", PACKAGES)
def test_values_are_named_by_what_they_are(package):
    paths = {name_of(path): set(names(parsed(path))) & NO_NAMES for path in sources(package)}
    assert {place: words for place, words in paths.items() if words - PUBLIC.get(place, set())} == {}


def test_the_glossary_and_the_test_agree():
    glossary = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Words")[2].partition("\n## ")[0]
    assert {word for word in NO_NAMES if word not in glossary} == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_the_folders_of_the_tests_are_those_of_the_package(package):
    tests = ROOT / "tests" / package
    folders = {path.parent.relative_to(tests) for path in tests.rglob("*.py")}
    assert not [folder for folder in folders if not (ROOT / package / folder / "__init__.py").is_file()]
