"""One test that stands in the cells of several faults."""

from __future__ import annotations

from collections.abc import Sequence

import pytest


def claims(*faults: str, vendors: Sequence[str]) -> pytest.MarkDecorator:
    """Runs a test with the argument `vendor` once for each, and claims its cells of all the faults."""
    cases = [pytest.param(vendor, marks=_marks(faults, vendor), id=vendor) for vendor in vendors]
    return pytest.mark.parametrize("vendor", cases)


def _marks(faults: Sequence[str], vendor: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.fault(fault, vendor) for fault in faults]
