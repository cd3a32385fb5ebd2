"""Command lines over hostile files: each is made from its own seed, run in this process, and judged."""

import contextlib
import io
import json
import os
import re
import shutil
import warnings
from pathlib import Path

import numpy as np

import cli
from deconv.pictures import PictureError, read
from restore.observation.boundary import BOUNDARIES
from tests.fuzz.mutation import mutated

NUMBERS = (
    "0",
    "1e-320",
    "1e-30",
    "1e-6",
    "0.01",
    "0.5",
    "1",
    "1.5",
    "2",
    "3",
    "7",
    "40",
    "500",
    "1e9",
    "1e20",
    "1e300",
    "-1",
    "x",
)
BORDERS = (*BOUNDARIES, "foo")
METHODS = (
    *("wiener", "wiener", "wiener", "cls", "inverse", "richardson_lucy", "landweber", "van_cittert", "tikhonov_miller"),
    *("hyper_laplacian", "total_variation", "auto", "nonlocal_fast"),
)
OPTIONS = {
    "blur": {
        "--noise": NUMBERS,
        "--bsnr": NUMBERS,
        "--photons": NUMBERS,
        "--seed": ("0", "7"),
        "--boundary": BORDERS,
    },
    "deblur": {
        "--boundary": BORDERS,
        "--nsr": NUMBERS,
        "--regularization": NUMBERS,
        "--noise": NUMBERS,
        "--strength": NUMBERS,
        "--rule": ("upre", "gcv", "discrepancy", "textbook", "whiteness", "l_curve", "foo"),
        "--operator": ("laplacian", "gradient", "identity", "foo"),
        "--iterations": ("1", "3", "0"),
        "--gain": NUMBERS,
        "--read-noise": NUMBERS,
        "--smoother": NUMBERS,
        "--sharper": NUMBERS,
        "--clipped": ("auto", "mask", "keep"),
        "--nan": ("refuse", "mask"),
        "--quality": ("fast", "fast", "good"),
        "--psf-from-point": ("2,2,15,15", "0,0,1,1", "5,5,99,9", "0,0,20,24"),
        "--psf-from-edge": ("2,2,15,15", "0,0,20,24"),
    },
    "estimate": {"--psf-from-point": ("2,2,15,15", "0,0,20,24"), "--psf-from-edge": ("2,2,15,15",)},
    "upsample": {
        "--stride": ("1", "2", "3,2", "1000000", "0"),
        "--padding": ("0", "1", "2,0", "0:1,1:0", "same", "valid", "-3:9", "1000000"),
        "--output-padding": ("0", "1", "9"),
        "--output-size": ("9,9", "40,48", "1,1"),
        "--dilation": ("1", "2", "1000000"),
        "--groups": ("1", "2", "3"),
        "--layout": ("torch", "onnx", "keras", "tensorflow", "jax", "jax-transpose"),
        "--border": ("replicate", "zero"),
    },
    "contrast": {"--noise": NUMBERS, "--regularization": NUMBERS, "--stride": ("2", "3", "40"), "--seed": ("0", "5")},
}
PARAMETERS = {
    "gaussian": ("--sigma",),
    "disk": ("--radius",),
    "motion": ("--length", "--angle"),
    "box": ("--size",),
    "airy": ("--radius",),
    "moffat": ("--fwhm", "--beta"),
}
SHARES = {"blur": 0.27, "deblur": 0.33, "estimate": 0.1, "upsample": 0.25, "contrast": 0.05}


class Commands:
    """Makes the cases in a folder that holds the corpus, and runs them there."""

    def __init__(self, folder, kinds):
        self.folder = Path(folder)
        self.kinds = kinds
        self.corpus = set(os.listdir(folder))

    def case(self, rng):
        """Write the hostile files of a case into the folder and return its words."""
        command = str(rng.choice(list(SHARES), p=list(SHARES.values())))
        kind = "pictures" if rng.random() < 0.6 and command != "upsample" else ("pictures", "arrays")[rng.integers(2)]
        words = [command, self._file(rng, kind)]
        if rng.random() < 0.03:
            words.append(self._file(rng, kind))
        words += (
            self._reading(rng)
            + self._psf(rng, command)
            + self._options(rng, command)
            + self._outputs(rng, command, words[1])
        )
        return words

    def _file(self, rng, kind):
        name = self.kinds[kind][rng.integers(len(self.kinds[kind]))]
        if rng.random() < 0.65:
            return name
        damaged = f"damaged{rng.integers(1 << 30)}{Path(name).suffix}"
        (self.folder / damaged).write_bytes(mutated(rng, (self.folder / name).read_bytes()))
        return damaged

    def _reading(self, rng):
        words = ["--max-pixels", "20000"]
        for option, choices in {"--frame": ("0", "1", "all"), "--axes": ("YX", "YXC", "ZYX", "CYX", "XX", "")}.items():
            if rng.random() < 0.05:
                words += [option, choices[rng.integers(len(choices))]]
        if rng.random() < 0.1:
            words.append(("--linear", "--srgb")[rng.integers(2)])
        return words

    def _psf(self, rng, command):
        if command in ("upsample", "estimate") or (command == "contrast" and rng.random() < 0.5):
            if command == "upsample" and rng.random() < 0.6:
                return ["--kernel", self._file(rng, "kernels")]
            return []
        if rng.random() < 0.3:
            words = ["--psf", self._file(rng, "psfs")]
            return words + [["--center"], ["--background", "border"], ["--background", "0"], []][rng.integers(4)]
        family = list(PARAMETERS)[rng.integers(len(PARAMETERS))]
        words = ["--psf", family]
        for option in PARAMETERS[family]:
            number = NUMBERS[rng.integers(len(NUMBERS))] if rng.random() < 0.15 else str(rng.integers(2, 4))
            words += [option, number]
        return words

    def _options(self, rng, command):
        words = []
        if command == "deblur":
            words += ["--method", METHODS[rng.integers(len(METHODS))]]
            for option, kind in (("--mask", "arrays"), ("--reference", "pictures")):
                if rng.random() < 0.08:
                    words += [option, self._file(rng, kind)]
        for option, choices in OPTIONS[command].items():
            if rng.random() < (0.07 if not option.startswith("--psf") else 0.02):
                words += [option, choices[rng.integers(len(choices))]]
        return words

    def _outputs(self, rng, command, source):
        words = ["--json"] if rng.random() < 0.3 else []
        if command == "estimate":
            return [*words, "-o", "new.npy"] if rng.random() < 0.3 else words
        if rng.random() < 0.95:
            words.append("--no-figure")
        if rng.random() < 0.5 and command != "contrast":
            own = Path(source).suffix
            suffix = (own, own, ".npy", ".tif", ".png", ".jpg", ".webp", ".xyz")[rng.integers(8)]
            words += ["-o", f"new{suffix}"]
        return words

    def run(self, rng, words):
        """Return what is wrong with the outcome of a case, or its exit code where nothing is."""
        before = self._content()
        outcome = captured(words, self.folder)
        after = self._content()
        fault = _fault(outcome) or self._fault_of_files(outcome, before, after)
        return fault or outcome[0]

    def clear(self):
        """Remove what the case has made."""
        for entry in os.scandir(self.folder):
            if entry.name not in self.corpus:
                shutil.rmtree(entry) if entry.is_dir() else os.unlink(entry)

    def _content(self):
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return {path.relative_to(self.folder).as_posix(): path.stat().st_mtime_ns for path in files}

    def _fault_of_files(self, outcome, before, after):
        code, err = outcome[0], outcome[2]
        new = sorted(set(after) - set(before))
        hidden = [name for name in new if Path(name).name.startswith(".")]
        if hidden:
            return f"left over: {hidden}"
        if {name: after.get(name) for name in before} != before:
            return "an input has changed"
        if code == 2 and new and "pictures failed" not in err:
            return f"refused, and wrote {new}"
        return next((fault for name in new if (fault := self._fault_of_result(self.folder / name))), None)

    def _fault_of_result(self, path):
        if path.stat().st_size == 0:
            return f"{path.name} is empty"
        if path.suffix == ".npy":
            array = np.load(path)
            return None if np.isfinite(array).all() else f"{path.name} holds samples that are not finite"
        try:
            picture = read(path, frame="all")
        except PictureError as error:
            return f"an output cannot be read: {error}"
        return None if np.isfinite(picture.samples).all() else f"{path.name} holds samples that are not finite"


def captured(words, folder):
    """Run words in a folder: exit code, what was printed, and the warnings that Python would have shown."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(record=True) as shown,
    ):
        warnings.simplefilter("always")
        code = cli.main(words)
    return code, out.getvalue(), err.getvalue(), shown


def _fault(outcome):
    code, out, err, shown = outcome
    if shown:
        return f"warning: {shown[0].category.__name__}: {shown[0].message} ({shown[0].filename}:{shown[0].lineno})"
    if code not in (0, 2):
        return f"exit code {code}: {err.strip().splitlines()[-1] if err else ''}"
    lines = err.splitlines()
    if code == 2 and not re.search("pictures failed$", err) and (len(lines) != 1 or not lines[0].startswith("error: ")):
        return f"no single line: {err[:300]!r}"
    if "Traceback" in err or "Warning" in err:
        return f"raw message: {err[:300]!r}"
    for line in out.splitlines():
        json.loads(line)
    return None
