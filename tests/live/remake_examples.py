"""Records the examples anew, with the real programs against scripted models.

    PYTHONPATH=tests python tests/live/remake_examples.py

Every recording in `examples/` that an agent's program made comes from here.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

from live.example_scripts import marks_scripts, package_review_scripts
from live.recording import Project, project
from model_servers.script import Script
from model_servers.server import ModelServer
from network_namespace import NetworkNamespace
from pinned import place_of

_EXAMPLES: Final = Path(__file__).parents[2] / "examples"


def main() -> None:
    """Fails, and changes nothing, where a run is not as its script expects."""
    inside = NetworkNamespace()
    try:
        _remake("package-review", "codex", package_review_scripts(limited=None), inside)
        _remake("marks", "claude", marks_scripts(), inside)
    finally:
        inside.close()


def _remake(example: str, vendor: str, scripts: tuple[Script, ...], inside: NetworkNamespace) -> None:
    server = ModelServer(vendor, scripts, inside.listen())
    with tempfile.TemporaryDirectory() as folder:
        here = project(
            _EXAMPLES / example, Path(folder) / example, server, clis=place_of("clis") / "bin", inside=inside
        )
        _record(here)
        server.stop()
        server.check()
        shutil.rmtree(_EXAMPLES / example / "recordings", ignore_errors=True)
        shutil.copytree(here.folder / "recordings", _EXAMPLES / example / "recordings")
    print(f"{example}: recorded with {vendor}")


def _record(here: Project) -> None:
    done = here.pytest("--subagents-mode=record", "-n", "0", model=False)
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)


if __name__ == "__main__":
    main()
