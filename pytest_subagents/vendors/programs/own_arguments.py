"""Arguments that a run sets itself, and that `args` of a vendor therefore cannot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_subagents.model.spec import VendorSettings


def taken_arguments(settings: VendorSettings, ours: Iterable[str]) -> Iterator[str]:
    """What a person must take out of `vendors.<name>.args`, as words that follow the agent's place.

    An option counts however it is written: `--tools=x`, and the letters of `-yd` one by one. What follows `--` is no
    option, but text that a program would take for a prompt.
    """
    options = frozenset(ours)
    letters = {option[1] for option in options if len(option) == 2}
    for argument in settings.args:
        name = argument.partition("=")[0]
        short = name[:1] == "-" and name[:2] != "--" and not letters.isdisjoint(name[1:])
        if name == "--" or name in options or short:
            yield f"'vendors.{settings.vendor}.args' has {argument!r}, which the run says itself"
