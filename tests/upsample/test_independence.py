"""`upsample` stands alone: importing it loads neither the other packages nor anything heavy."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
STRANGERS = ("restore", "deconv", "cli", "matplotlib", "skimage", "PIL", "torch", "onnx")


def test_importing_upsample_loads_no_stranger():
    code = f"import sys; import upsample; print([m for m in {STRANGERS} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_module_names_the_other_meaning_or_a_file():
    for module in (ROOT / "upsample").glob("*.py"):
        text = module.read_text(encoding="utf-8")
        for word in ("restore", "deconv"):
            assert f"import {word}" not in text, module.name
            assert f"from {word}" not in text, module.name
        assert "open(" not in text, module.name
