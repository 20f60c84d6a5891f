"""One test that stands in the cells of several faults."""

from __future__ import annotations

from collections.abc import Sequence

import pytest


def claims(*faults: str, vendors: Sequence[str], apart: Sequence[str] = ()) -> pytest.MarkDecorator:
    """Runs a test with the argument `vendor` once for each, and claims its cells of all the faults.

    Those of `apart` run only with all tests (tests/apart.py): where what is tested is ours alone, the programs that
    take longest to start need not show it with every change.
    """
    cases = [pytest.param(vendor, marks=_marks(faults, vendor, vendor in apart), id=vendor) for vendor in vendors]
    return pytest.mark.parametrize("vendor", cases)


def _marks(faults: Sequence[str], vendor: str, is_apart: bool) -> list[pytest.MarkDecorator]:
    return [*(pytest.mark.fault(fault, vendor) for fault in faults), *([pytest.mark.apart] if is_apart else [])]
