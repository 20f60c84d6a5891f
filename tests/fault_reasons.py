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


CANNOT: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    dict(
        (
            *_all(
                ("cli-wrong-version",),
                ("command", "function"),
                "Whoever names a program or a function of their own says by that which one they want: there is no "
                "version that we could ask for.",
            ),
            *_all(
                ("sigkill-launcher", "sigterm-launcher"),
                ("function",),
                "A function has no launcher: its process is started by the supervision itself.",
            ),
        )
    )
)
