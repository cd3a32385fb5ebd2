"""The workers of a dask cluster do the tiles: bit for bit as one process, and when one of them is killed."""

import os
import threading
import time

import pytest

distributed = pytest.importorskip("distributed")
pytest.importorskip("zarr")

pytestmark = pytest.mark.filterwarnings("ignore")  # of dask and its event loops, which end when they like


def content(path):
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}


@pytest.fixture
def stores(cut, large, wiener, tmp_path):
    """What one process writes, and the words for the same on a cluster."""
    words = (large, *wiener, "--no-figure")
    assert cut(*words, "-o", tmp_path / "one.zarr") == 0
    return words, content(tmp_path / "one.zarr")


def test_threads_as_workers_write_what_one_process_writes(cut, stores, tmp_path):
    words, expected = stores
    quick = {"processes": False, "n_workers": 1, "threads_per_worker": 2, "dashboard_address": None}
    with distributed.LocalCluster(**quick, memory_limit=0) as cluster:
        assert cut(*words, "--scheduler", cluster.scheduler_address, "-o", tmp_path / "two.zarr") == 0
    assert content(tmp_path / "two.zarr") == expected


def test_no_scheduler_is_a_line(cut, large, wiener, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("deconv.deblur.large.cluster.PATIENCE", 0.2)
    words = (large, *wiener, "--no-figure", "--scheduler", "tcp://127.0.0.1:9", "-o", tmp_path / "a.zarr")
    assert cut(*words) == 2
    err = capsys.readouterr().err
    assert "no scheduler answers there" in err
    assert err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["large.tif"]


@pytest.mark.slow
def test_processes_as_workers_and_one_is_killed(cut, stores, tmp_path):
    words, expected = stores
    quick = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "memory_limit": 0}
    with distributed.LocalCluster(**quick) as cluster:
        address = cluster.scheduler_address
        assert cut(*words, "--scheduler", address, "-o", tmp_path / "two.zarr") == 0
        assert content(tmp_path / "two.zarr") == expected
        killed = []

        def kill():
            journal = tmp_path / ".three.zarr.deconv-journal"
            while not (journal.exists() and journal.read_bytes().count(b"\n") > 2):
                time.sleep(0.001)
            worker = next(iter(cluster.workers.values()))
            killed.append(worker.pid)
            os.kill(worker.pid, 9)

        threading.Thread(target=kill, daemon=True).start()
        assert cut(*words, "--scheduler", address, "-o", tmp_path / "three.zarr") == 0
        assert killed
    assert content(tmp_path / "three.zarr") == expected
