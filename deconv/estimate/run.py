"""The estimate command: say what blur a picture file shows, and restore nothing."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from deconv.batch import run_batch
from deconv.estimate.request import EstimateRequest
from deconv.inputs.linear_light import LightPicture, read_light
from deconv.inputs.psf import estimate
from deconv.inputs.psf_from_box import details, measure
from deconv.pictures import Outputs
from deconv.pictures.formats.npy import save_array
from deconv.progress import progress
from deconv.report import Report
from restore import PSFEstimate, PSFMeasurement


def run(request: EstimateRequest) -> int:
    """Look at every input."""
    return run_batch(request.inputs, partial(_estimate_one, request), request.reporting)


def _estimate_one(request: EstimateRequest, source: str) -> Report:
    started = time.perf_counter()
    light = read_light(source, request.reading)
    measured = None if request.psf.box is None else measure(request.psf, light)  # quick, and refuses a wrong box
    with Outputs(force=request.force, inputs=[source]) as outputs:
        psf_file = None if request.output is None else outputs.reserve(request.output)
        evidence = measured or _estimated(request, light)
        if psf_file is not None:
            with psf_file.open("wb") as file:
                save_array(file, evidence.psf)
    report = _report(request, source, light.describe(), evidence, time.perf_counter() - started)
    if isinstance(evidence, PSFMeasurement):
        report.record |= details(request.psf, evidence)
    return report


def _estimated(request: EstimateRequest, light: LightPicture) -> PSFEstimate:
    with progress(request.reporting, "estimating the blur"):
        return estimate(request.psf, light)


def _report(
    request: EstimateRequest, source: str, picture: str, evidence: PSFEstimate | PSFMeasurement, seconds: float
) -> Report:
    report = Report(source)
    report.say("picture", picture)
    report.say("blur", evidence.verdict)
    if evidence.runner_up is not None and evidence.confidence != "none":
        family, parameters = evidence.runner_up[:2]
        report.say("next", f"{family}, {', '.join(f'{name} {value:.4g}' for name, value in parameters.items())}")
    if request.output is not None:
        report.say("written", str(Path(request.output)))
    report.record |= {
        "output": request.output,
        "psf": {"family": evidence.family, **evidence.parameters, "estimated": list(evidence.parameters)},
        "uncertainty": evidence.uncertainty,
        "confidence": evidence.confidence,
        "drop": evidence.drop if isinstance(evidence, PSFEstimate) else None,
        "runner_up": None if evidence.runner_up is None else {"family": evidence.runner_up[0], **evidence.runner_up[1]},
        "verdict": evidence.verdict,
        "seconds": round(seconds, 3),
    }
    return report
