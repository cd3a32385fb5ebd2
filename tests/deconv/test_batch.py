"""Several inputs: one report each, and going on after a bad one."""

import json
import os

GAUSSIAN = ["--psf", "gaussian", "--sigma", "1.5"]


def test_json_is_one_object_per_input_and_people_read_stderr(run, photo, tmp_path, capsys):
    second = tmp_path / "second.png"
    second.write_bytes(photo.read_bytes())
    assert run("deblur", photo, second, *GAUSSIAN, "--json", "--no-figure", "-o", tmp_path / "out") == 0
    out, err = capsys.readouterr()
    records = [json.loads(line) for line in out.splitlines()]
    assert [r["input"] for r in records] == [str(photo), str(second)]
    for key in ("output", "figure", "method", "psf", "noise_sigma", "parameter", "rule", "boundary", "seconds"):
        assert key in records[0]
    assert records[0]["psf"] == {"family": "gaussian", "sigma": 1.5, "estimated": []}
    assert "psf" in err
    assert "{" not in err


def test_a_batch_goes_on_after_a_bad_file(run, photo, tmp_path, capsys):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture at all, but long enough for a header")
    out = tmp_path / "out"
    assert run("deblur", bad, photo, *GAUSSIAN, "-o", f"{out}{os.sep}", "--no-figure") == 2
    assert (out / "photo.png").exists()
    err = capsys.readouterr().err
    assert err.splitlines()[-1] == "1 of 2 pictures failed"
    assert "bad.png" in err.splitlines()[-2]
