"""The numbers of a restoration in words: what the JSON object holds, row by row, and what each means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from deconv.inputs.kernel import unit_of
from deconv.quality import isnr_words, psnr_words, ssim_words
from restore.methods.method import METHODS
from restore.parameter_choice.meanings import meaning as meaning_of

UNITS = {"deg": "\N{DEGREE SIGN}", "px": " px"}
LOOKS = {
    "consistent": "agrees with the picture's spectrum",
    "too wide": "too wide for the picture's spectrum",
    "too narrow": "too narrow for the picture's spectrum",
    "turned": "turned against the picture's spectrum",
    "untested": "not tested: the picture is too small or has more than two axes",
}
ARROW = "\N{RIGHTWARDS ARROW}"
#: What more of a strength does, and more iterations where they are the strength.
MORE = {
    "smoother": "More is smoother, less is sharper and noisier.",
    "sharper and noisier": "More is sharper and noisier, less is smoother.",
}
COUNT = {"smoother": "more is smoother.", "sharper and noisier": "more is sharper and noisier."}
NOISE = "Standard deviation in linear light; full scale is 1."
COLOURED = "Coloured: demosaicing, denoising, resizing or compression left more at some frequencies than others."


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    name: str
    value: str
    meaning: str = ""


def method(record: dict[str, Any]) -> str:
    """Return what a person calls the method."""
    return METHODS[record["method"]].label


def groups(record: dict[str, Any], picture: str) -> Iterator[tuple[str, list[Row]]]:
    """Return the rows of the table under their headings; `picture` describes the input."""
    if "isnr" in record:
        yield "Against the reference", list(_quality(record))
    yield "Restoration", list(_restoration(record))
    yield "Point-spread function", list(_psf(record["psf"], record.get("psf_looks")))
    if "residual_sigma" in record:
        yield "What is left over", list(_residual(record))
    if record["sensitivity"]:
        yield "Neighbouring PSFs", list(_sensitivity(record["sensitivity"]))
    yield "Picture", list(_picture(record, picture))


def _quality(record: dict[str, Any]) -> Iterator[Row]:
    yield Row("PSNR", psnr_words(record, ARROW), "Closeness to the reference; higher is closer.")
    yield Row("SSIM", ssim_words(record, ARROW), "Likeness of local structure; 1 is equal.")
    yield Row("ISNR", isnr_words(record), "What the restoration has gained; below 0 it has lost.")


def _restoration(record: dict[str, Any]) -> Iterator[Row]:
    strength = METHODS[record["method"]].strength
    yield Row("Method", method(record))
    if strength is not None and not strength.is_count:
        yield Row("Strength", f"{record['parameter']:.4g} ({strength.meaning})", MORE[strength.larger])
    if record["iterations"]:
        counted = strength is not None and strength.is_count
        meaning = f"The strength of this method: {COUNT[strength.larger]}" if strength is not None and counted else ""
        yield Row("Iterations", f"{record['iterations']}", meaning)
    if strength is not None:
        yield Row("Rule", record["rule"].replace("_", " "), meaning_of(record["rule"]))
    yield Row("Noise", f"{record['noise_sigma']:.4g}", NOISE if record["noise_is_white"] else f"{NOISE} {COLOURED}")
    yield Row("Boundary", record["boundary"], "What was assumed outside the frame.")


def _psf(psf: dict[str, Any], looks: str | None) -> Iterator[Row]:
    known = {"family", "estimated", "uncertainty", "confidence", "measured", "grid", "from_file"}
    yield Row("Family", psf["family"])
    if "grid" in psf:
        yield Row("Places", f"{psf['grid']['count']}", "The PSF changes over the picture; the one shown is the mean.")
    for name, value in psf.items():
        if name not in known:
            yield Row(name.capitalize(), _parameter(name, value, psf.get("uncertainty", {}).get(name)))
    origin = ", ".join(psf["estimated"])
    if "measured" in psf:
        box = ", ".join(map(str, psf["measured"]["box"]))
        yield Row("Origin", f"measured at the {psf['measured']['from']} in the box {box}", "x, y, width and height.")
    elif psf["family"] == "blind":
        yield Row("Origin", "found in the picture")
    else:
        yield Row("Origin", f"{origin} estimated from the picture" if origin else "given by the user")
    if "confidence" in psf:
        yield Row("Confidence", psf["confidence"], "How clearly the picture shows this blur.")
    if looks is not None:
        yield Row("Check", LOOKS.get(looks, looks), "The PSF against narrower, wider and turned ones.")


def _parameter(name: str, value: float | Sequence[float], doubt: float | None) -> str:
    if isinstance(value, Sequence):  # of voxels
        return " x ".join(f"{part:.4g}" for part in value)
    around = "" if doubt is None else f" \N{PLUS-MINUS SIGN} {doubt:.2g}"
    return f"{value:.4g}{around}{UNITS.get(unit_of(name), '')}"


def _residual(record: dict[str, Any]) -> Iterator[Row]:
    sigma, noise = record["residual_sigma"], record["noise_sigma"]
    share = f" ({sigma / noise:.2g} times the noise)" if noise > 0 else ""
    meaning = "What re-blurring the result leaves of the input, root mean square; about the noise, or less, is good."
    yield Row("Residual", f"{sigma:.4g}{share}", meaning)
    meaning = "1 would be pure noise; filters leave less, so compare it between settings."
    yield Row("Whiteness", f"{record['whiteness']:.2f}", meaning)


def _sensitivity(trials: list[dict[str, Any]]) -> Iterator[Row]:
    for trial in trials:
        yield Row(trial["psf"].capitalize(), f"misfit {trial['misfit']:.1f}, residual {trial['residual']:.2f}")


def _picture(record: dict[str, Any], picture: str) -> Iterator[Row]:
    yield Row("Input", f"{record['input']}: {picture}")
    yield Row("Output", record["output"])
    for name in ("figure", "card"):
        if record[name]:
            yield Row(name.capitalize(), record[name])
    yield Row("Clipped input", f"{record['clipped_input']:.2%}", "Samples at the top of the range: light was cut off.")
    yield Row("Clipped output", f"{record['clipped_output']:.2%}", "Samples that did not fit into the file's range.")
    yield Row("Masked", f"{record['masked']:.2%}", "Samples taken as unknown and solved for.")
    yield Row("Outliers", f"{record['contradicting']:.2%}", "Samples that contradict the PSF.")
    yield Row("Time", f"{record['seconds']:.1f} s")
