"""The estimate command: say what blur a picture file shows, and restore nothing."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from deconv.batch.run import run_batch
from deconv.errors import UsageError
from deconv.estimate.request import EstimateRequest
from deconv.inputs.kernel import Kernel
from deconv.inputs.light_choice import likelier_light
from deconv.inputs.linear_light import LightPicture, read_light
from deconv.inputs.psf import estimate
from deconv.inputs.psf_from_box import details, measure
from deconv.inputs.psf_of_shake import estimate_shake
from deconv.pictures import Outputs
from deconv.pictures.formats.npy import save_array
from deconv.progress import progress
from deconv.report import Report
from restore import KernelEstimate, PSFEstimate, PSFMeasurement
from restore.operators.progress import watched


def run(request: EstimateRequest) -> int:
    """Look at every input."""
    return run_batch(request.inputs, partial(_estimate_one, request), request.reporting)


def _estimate_one(request: EstimateRequest, source: str) -> Report:
    started = time.perf_counter()
    light = read_light(source, request.reading)
    measured = None if request.psf.box is None else measure(request.psf, light)  # quick, and refuses a wrong box
    with Outputs(force=request.force, inputs=[source]) as outputs:
        psf_file = None if request.output is None else outputs.reserve(request.output)
        evidence: PSFEstimate | PSFMeasurement | KernelEstimate
        notes: tuple[str, ...] = ()
        if measured is not None:
            evidence = measured
        elif request.psf.psf == "blind":
            evidence = _shaken(request, light)
        else:
            light, evidence, notes = _of_a_family(request, light)
        if psf_file is not None:
            with psf_file.open("wb") as file:
                save_array(file, evidence.psf)
    report = _report(request, source, light.describe(), evidence, notes, time.perf_counter() - started)
    if isinstance(evidence, PSFMeasurement):
        report.record |= details(request.psf, evidence)
    return report


def _shaken(request: EstimateRequest, light: LightPicture) -> KernelEstimate:
    kernel = estimate_shake(request.psf, light, request.reporting)
    if kernel.confidence == "none" and request.output is not None:
        raise UsageError(f"{kernel.verdict} (nothing to write; try another --psf-size, or --psf auto)")
    return kernel


def _of_a_family(request: EstimateRequest, light: LightPicture) -> tuple[LightPicture, PSFEstimate, tuple[str, ...]]:
    """Return the picture in the light that was blurred, and the blur, as `deblur` finds them, with its notes."""
    blurs: dict[str, PSFEstimate] = {}

    def look(light: LightPicture) -> Kernel:
        blur = blurs[light.light] = estimate(request.psf, light)
        if blur.confidence == "none":
            raise UsageError(blur.verdict)
        return Kernel(psf=blur.psf, family=blur.family)

    with progress(request.reporting, "estimating the blur") as advance, watched(advance):
        try:
            light, kernel = likelier_light(light, look(light), request.reading, look)
        except UsageError:  # no blur: that is an answer too
            return light, blurs[light.light], ()
    return light, blurs[light.light], kernel.notes


def _report(
    request: EstimateRequest,
    source: str,
    picture: str,
    evidence: PSFEstimate | PSFMeasurement | KernelEstimate,
    notes: tuple[str, ...],
    seconds: float,
) -> Report:
    report = Report(source)
    report.say("picture", picture)
    for note in notes:
        report.say("note", note)
    report.say("blur", evidence.verdict)
    if request.output is not None:
        report.say("written", str(Path(request.output)))
    report.record |= {"output": request.output}
    if isinstance(evidence, KernelEstimate):
        if request.output is not None:
            report.say("use", f"deblur {source} --psf {request.output} --psf-error {100 * evidence.error:g}%")
        report.record |= {"psf": {"family": "blind", "size": evidence.size, "estimated": []}}
    else:
        _say_family(report, evidence)
    report.record |= {
        "confidence": evidence.confidence,
        "verdict": evidence.verdict,
        "notes": list(notes),
        "seconds": round(seconds, 3),
    }
    return report


def _say_family(report: Report, evidence: PSFEstimate | PSFMeasurement) -> None:
    """Add what only a blur of a family has: parameters, their errors, and the family that fits next best."""
    if evidence.runner_up is not None and evidence.confidence != "none":
        family, parameters = evidence.runner_up[:2]
        report.say("next", f"{family}, {', '.join(f'{name} {value:.4g}' for name, value in parameters.items())}")
    report.record |= {
        "psf": {"family": evidence.family, **evidence.parameters, "estimated": list(evidence.parameters)},
        "uncertainty": evidence.uncertainty,
        "drop": evidence.drop if isinstance(evidence, PSFEstimate) else None,
        "runner_up": None if evidence.runner_up is None else {"family": evidence.runner_up[0], **evidence.runner_up[1]},
    }
