"""How a pytest that a test starts is kept from loading what nobody there needs.

Each process of it would load the plugins of other people that are installed for our own tests, which takes longer than
most of what is tested. pytest's own `unraisableexception` collects garbage five times as it ends.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

VARIABLE: Final = "PYTEST_ADDOPTS"
_OTHERS: Final = ("hypothesispytest", "anyio", "syrupy", "timeout", "rerunfailures", "unraisableexception")


def without_others(*, but: Container[str] = ()) -> str:
    """The value of `PYTEST_ADDOPTS` that leaves out all plugins of other people but xdist and those named."""
    return " ".join(f"-p no:{name}" for name in _OTHERS if name not in but)
