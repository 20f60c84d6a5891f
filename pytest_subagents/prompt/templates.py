"""The two templates of our own that every prompt is made of, and their digest.

They are data of this package: no person's text and no agent's is ever read as a part of them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent

SHARED: Final = (_FOLDER / "shared.md.j2").read_text(encoding="utf-8")
"""What is the same for all subagents of a workflow; it comes first, so that a provider's cache of prefixes holds it."""
AGENT: Final = (_FOLDER / "agent.md.j2").read_text(encoding="utf-8")
"""What is one subagent's."""

TEMPLATE_DIGEST: Final = "sha256:" + hashlib.sha256(f"{SHARED}\0{AGENT}".encode()).hexdigest()
"""A recording that was made with another one is stale."""
