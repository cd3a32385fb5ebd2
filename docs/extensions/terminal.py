"""The directive `terminal`: run a command of the program while the guide is built, and show what it prints.

    .. terminal:: python cli.py estimate samples/clock.png --psf auto
       :figure: clock.restored.figure.png
       :alt: what the figure shows
       :exit: 2

A page's commands run one after the other in one folder that holds `cli.py` and `samples/`. Another exit code than the
one named (0) fails the build.
"""

import os
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive, directives

ROOT = Path(__file__).resolve().parents[2]


def _folder(env):
    """Return the folder where this page's commands run, fresh when the page is read."""
    folder = Path(env.srcdir) / "_build" / "terminal" / env.docname.replace("/", ".")
    if "terminal" not in env.temp_data:
        env.temp_data["terminal"] = True
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "samples", folder / "samples")
    return folder


class Terminal(Directive):
    """One command, its answer and, where asked for, one picture that it wrote."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec = {  # noqa: RUF012
        "figure": directives.unchanged_required,
        "alt": directives.unchanged_required,
        "exit": directives.nonnegative_int,
    }

    def run(self):
        """Run the command and return its transcript."""
        env, command = self.state.document.settings.env, " ".join(self.arguments[0].split())
        words, folder = shlex.split(command), _folder(env)
        if words[:2] != ["python", "cli.py"]:
            raise self.error(f"a terminal runs python cli.py, got {command!r}")
        done = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), *words[2:]],
            cwd=folder,
            env={**os.environ, "COLUMNS": "100"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != self.options.get("exit", 0):
            raise self.error(f"{command}: exit code {done.returncode}\n{done.stdout}")
        typed = " \\\n    ".join(textwrap.wrap(command, 82, break_on_hyphens=False))
        transcript = f"$ {typed}\n{done.stdout.rstrip()}"
        block = nodes.literal_block(transcript, transcript, language="console", classes=["terminal"])
        return [block, *self._picture(folder, env)]

    def _picture(self, folder, env):
        if "figure" not in self.options:
            return []
        path = folder / self.options["figure"]
        if not path.exists():
            raise self.error(f"the command did not write {path.name}")
        uri = "/" + path.relative_to(env.srcdir).as_posix()
        return [nodes.figure("", nodes.image(uri=uri, alt=self.options["alt"]))]


def setup(app):
    """Register the directive."""
    app.add_directive("terminal", Terminal)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
