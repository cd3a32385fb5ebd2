"""How much memory there is: that of the machine, or less where a container is allowed less."""

import pytest

from restore.tiles import memory


@pytest.mark.parametrize(("text", "limit"), [("1073741824\n", 1 << 30), ("max\n", None), ("9223372036854771712", None)])
def test_a_container_may_take_what_its_group_allows(text, limit, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "LIMITS", ())
    physical = memory.machine_memory()
    (tmp_path / "memory.max").write_text(text)
    monkeypatch.setattr(memory, "LIMITS", (str(tmp_path / "none"), str(tmp_path / "memory.max")))
    assert memory.machine_memory() == (physical if limit is None else min(limit, physical))


def test_a_system_that_does_not_say_has_what_is_usual(monkeypatch):
    monkeypatch.setattr(memory, "LIMITS", ())
    monkeypatch.setattr("os.sysconf", lambda name: (_ for _ in ()).throw(ValueError))
    assert memory.machine_memory() == memory.USUAL
