"""Hypothesis, which only those need who use the strategies of `pytest_subagents.testing`."""

from __future__ import annotations

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError(
        "the strategies of pytest_subagents.testing need Hypothesis: pip install 'pytest-subagents[hypothesis]'"
    ) from error

__all__ = ("st",)
