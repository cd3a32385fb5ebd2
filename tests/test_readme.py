"""The README tells what is true: its Python runs, its commands parse, its files exist."""

import re
import shlex
from pathlib import Path

import pytest

import cli

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_python_blocks_run(capsys):
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})
    assert capsys.readouterr().out


COMMANDS = [
    line.partition("#")[0].strip()
    for block in blocks("")
    for line in block.splitlines()
    if line.startswith(("python cli.py ", "deconv deblur "))
]


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_parse(command):
    arguments = cli.build_parser().parse_args(shlex.split(command.removeprefix("python cli.py").removeprefix("deconv")))
    assert arguments.inputs


def test_commands_were_found():
    assert len(COMMANDS) >= 4


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", README, re.MULTILINE))
def test_make_targets_exist(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("link", [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link])
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()


def test_options_named_in_the_readme_exist():
    known = " ".join(
        parser.format_help() for action in cli.build_parser()._subparsers._actions for parser in choices(action)
    )
    for option in set(re.findall(r"`(--[a-z-]+)", README)):
        assert option in known, option


def choices(action):
    return action.choices.values() if isinstance(action.choices, dict) else []


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *sorted(ROOT.glob("docs/guide/*.rst"))], ids=lambda path: path.name
)
def test_the_project_is_installed_from_its_folder(path):
    """A bare word would be fetched from the package index, whoever has registered it there."""
    words = re.findall(r"pip install ((?:-\S+ )*)'?([^\s'`]+)", path.read_text("utf-8"))
    assert [name for _, name in words if name.partition("[")[0] in ("deconv", "restore", "upsample")] == []
