"""Where the scripts of `.ci` put what is pinned there: one folder for each set of pins."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

_CI: Final = Path(__file__).parents[1] / ".ci"


def place_of(name: str) -> Path:
    """The folder of what `.ci/install-<name>` installs, whether it is there or not."""
    pins = b"".join((_CI / name / file).read_bytes() for file in ("package.json", "package-lock.json"))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "pytest-subagents" / f"{name}-{hashlib.sha256(pins).hexdigest()[:12]}"
