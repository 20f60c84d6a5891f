"""Why cells of the table of faults cannot be tested. A fault × vendor stands here or has a test, never both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import Final


def _all(faults: tuple[str, ...], vendors: tuple[str, ...], why: str) -> Iterator[tuple[tuple[str, str], str]]:
    """The same reason for every pair."""
    for pair in product(faults, vendors):
        yield pair, why


_PROVIDER: Final = (
    *("no-key", "http-401", "http-429-once", "http-429-for-ever", "http-500-for-ever"),
    *("connection-refused", "silent-server", "stream-cut"),
)

CANNOT: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    dict(
        (
            *_all(_PROVIDER, ("function",), "A function has no protocol of a provider: what it raises is its failure."),
            # faults2: yours below this line
        )
    )
)
