"""The pages that are followed to the letter, by name."""

from __future__ import annotations

from typing import Final

WALKED: Final = ("tutorial", "regression-tests", "ci-gate", "parallel-refactor", "best-of-n")
