"""Processes that are killed while they write, and disks that are full: outputs are whole or as they were."""

import os
import resource
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np

from deconv import main, process
from deconv.pictures import PictureError, read

BOX = ["--psf", "box", "--size", "3"]
#: A line for every command that writes, and for every kind of output: pictures, stacks, arrays, figures, pages, cards,
#: kernels, folders, and JSON on stdout beside them.
LINES = {
    "blur png": ["blur", "uint16c.png", *BOX, "-o", "out.png"],
    "blur jpg": ["blur", "uint8c.jpg", *BOX, "-o", "out.jpg", "--no-figure"],
    "blur webp": ["blur", "uint8c.webp", *BOX, "--json"],
    "blur tif": ["blur", "float32c.tif", *BOX, "-o", "out.tif", "--figure", "other.png"],
    "blur stack": ["blur", "stack.tif", "--frame", "all", *BOX, "-o", "out.tif", "--no-figure"],
    "blur npy": ["blur", "float64.tif", *BOX, "-o", "out.npy", "--no-figure", "--json"],
    "blur folder": ["blur", "uint8c.png", "uint8.png", "uint16.tif", *BOX, "-o", "folder/", "--no-figure"],
    "deblur png": ["deblur", "uint8c.png", *BOX, "--quality", "fast", "-o", "out.png", "--report", "page.html"],
    "deblur card": ["deblur", "uint8.png", *BOX, "--method", "wiener", "-o", "out.tif", "--card", "card.png", "--json"],
    "deblur folder": ["deblur", "uint8.png", "uint16.png", *BOX, "--method", "wiener", "-o", "folder/", "--json"],
    "estimate": ["estimate", "uint8.png", "-o", "out.npy", "--json"],
    "upsample png": ["upsample", "uint8c.png", "-o", "out.png"],
    "upsample npy": ["upsample", "uint8ca.png", "-o", "out.npy", "--json"],
    "upsample learn": ["upsample", "uint8.png", "--learn", "--size", "2", "-o", "out.npy", "--no-figure"],
    "contrast": ["contrast", "float64.tif", "-o", "out.png"],
}
#: What the program says is kept in a file that is no output.
SAID = "said.txt"


def begun(words, folder, *, bytes_at_most=None):
    """Begin the program in a forked process, which has loaded everything already; what it prints goes into a file."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.chdir(folder)
        said = os.open(SAID, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.stderr, sys.stdout = open(2, "w", closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
        process.prepare(debug=False)
        if bytes_at_most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_at_most, bytes_at_most))
        code = main.main([*words, "--force"])
    except SystemExit as end:
        code = end.code
    finally:
        sys.stderr.flush()
        os._exit(code)


def ended(child):
    """Return the exit code of a process, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def is_whole(path):
    """Return whether an output can be read to its end."""
    try:
        if path.suffix == ".npy":
            return np.load(path).size > 0
        if path.suffix == ".html":
            return path.read_text(encoding="utf-8").rstrip().endswith("</html>")
        return read(path, frame="all").samples.size > 0
    except (PictureError, OSError, ValueError):
        return False


class Writers:
    """Runs lines that write, in a folder that holds the corpus, and looks at what is there afterwards."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.corpus = set(os.listdir(folder))
        self._seconds = {}

    def case(self, rng):
        """Return the words of a line."""
        return list(LINES[list(LINES)[rng.integers(len(LINES))]])

    def clear(self):
        """Remove what the case has made."""
        for entry in os.scandir(self.folder):
            if entry.name not in self.corpus:
                shutil.rmtree(entry) if entry.is_dir() else os.unlink(entry)

    def content(self):
        """Return the bytes of all files that are seen."""
        return {path: path.read_bytes() for path in self._files() if path.name != SAID and path.name[0] != "."}

    def hidden(self):
        """Return the names of the files that are not."""
        return [path.name for path in self._files() if path.name.startswith(".")]

    def said(self):
        """Return what the program printed for people."""
        return (self.folder / SAID).read_text(encoding="utf-8")

    def damage(self, former):
        """Return what is neither whole nor as it was."""
        now = self.content()
        gone = [path.name for path in former if path not in now]
        torn = [path.name for path, data in now.items() if former.get(path) != data and not is_whole(path)]
        return f"gone: {gone}, torn: {torn}" if gone or torn else None

    def completed(self, words):
        """Return what is wrong with a run that nothing disturbs."""
        code = ended(begun(words, self.folder))
        if code != 0:
            return f"exit code {code}: {self.said().strip()}"
        return f"left over: {self.hidden()}" if self.hidden() else None

    def seconds(self, words):
        """Return how long a line takes, measured once."""
        line = " ".join(words)
        if line not in self._seconds:
            started = time.monotonic()
            if fault := self.completed(words):
                raise AssertionError(fault)
            self._seconds[line] = time.monotonic() - started
            self.clear()
        return self._seconds[line]

    def _files(self):
        return [path for path in self.folder.rglob("*") if path.is_file()]


class Kills(Writers):
    """Ends the program at a moment that is drawn; one kill in two falls on outputs that exist, and into the end."""

    def run(self, rng, words):
        """Return what is wrong after a kill, and after the next run, or that nothing is."""
        number = (signal.SIGTERM, signal.SIGKILL)[rng.integers(2)]
        lasts, line = self.seconds(words), list(words)
        moment = lasts * (rng.uniform(0.0, 1.1) if rng.random() < 0.5 else rng.uniform(0.6, 1.05))
        if rng.random() < 0.5 and (fault := self.completed(line)):
            return fault
        words += [number.name, f"after {moment:.3f} of {lasts:.3f} s"]
        former = self.content()
        child = begun(line, self.folder)
        time.sleep(moment)
        os.kill(child, number)
        return self._fault(number, ended(child), former) or self.completed(line) or "done"

    def _fault(self, number, code, former):
        if number == signal.SIGTERM and self.hidden():
            return f"left over: {self.hidden()}"
        if code not in (0, -number, 128 + number):
            return f"exit code {code}: {self.said().strip()}"
        return self.damage(former)


class FullDisks(Writers):
    """Lets no file grow beyond a size that is drawn, below that of the largest output."""

    def run(self, rng, words):
        """Return what is wrong with the outcome, or that nothing is."""
        line = list(words)
        if fault := self.completed(line):
            return fault
        outputs = [path for path in self.content() if path.relative_to(self.folder).as_posix() not in self.corpus]
        largest = max(path.stat().st_size for path in outputs)
        if rng.random() < 0.5:
            self.clear()
        former = self.content()
        room = int(rng.integers(min(120, largest - 1), largest))  # the line that says it is written too
        words += [f"{room} of {largest} bytes"]
        code = ended(begun(line, self.folder, bytes_at_most=room))
        return self._fault(code, former, is_alone="folder/" not in line) or "refused"

    def _fault(self, code, former, *, is_alone):
        said = self.said()
        if code != 2 or "cannot be written" not in said or (is_alone and said.count("\n") != 1):
            return f"exit code {code}: {said.strip()}"
        if self.hidden():
            return f"left over: {self.hidden()}"
        if is_alone and self.content() != former:
            return "refused, and wrote"
        return self.damage(former)
