"""How a declared scope and its use differ, for the terminal, and the scope to declare instead."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_subagents.model.limits import SCOPE_PATHS_SHOWN
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.scope_use import ScopeGaps, ScopeUse
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.line import Line

_LABEL: Final = 20
_PLAIN: Final = re.compile(r"[A-Za-z_][\w./*-]*", re.ASCII)
_WORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""Texts that YAML takes for something else."""


def scope_lines(declared: Scope, use: ScopeUse, gaps: ScopeGaps, *, run: str) -> tuple[Line, ...]:
    """The section of one subagent, as of the live run `run`."""
    return (
        Line(),
        Line(text=f"Scope, as of the live run {terminal(run)}", style="heading"),
        *(Line(text=f"  {text}".rstrip()) for text in _lines(declared, use, gaps)),
    )


def _lines(declared: Scope, use: ScopeUse, gaps: ScopeGaps) -> Iterator[str]:
    unused = (*(f"{glob} (read)" for glob in gaps.unused_read), *(f"{glob} (write)" for glob in gaps.unused_write))
    if not gaps.under_declared and not unused:
        yield "as far as known, it is what was used"
    yield from _listed("read beyond it", (*gaps.undeclared_read, *gaps.undeclared_searched))
    yield from _listed("wrote beyond it", gaps.undeclared_written)
    yield from _listed("made no use of", unused)
    if gaps.searched_all:
        yield from _told("searched", ["the whole workspace, which is more than its scope"])
    yield from _listed("used elsewhere", use.outside)
    yield from _told("not known", _not_known(use))
    if gaps.corrected != declared:
        yield ""
        yield "to declare instead:"
        yield from (f"  {line}" for line in _yaml(gaps.corrected))


def _not_known(use: ScopeUse) -> Iterator[str]:
    if use.unknown:
        yield f"what {use.unknown:,} of its commands and tools read"
    if not use.diffed:
        yield "what it wrote and did not tell"
    if use.more:
        yield "more than could be kept"


def _listed(label: str, names: Sequence[str]) -> Iterator[str]:
    shown = [*names[:SCOPE_PATHS_SHOWN]]
    if len(names) > len(shown):
        shown.append(f"and {len(names) - len(shown):,} more; --json has all of them")
    return _told(label, shown)


def _told(label: str, texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        yield f"{'' if number else label:<{_LABEL}}{terminal(text)}"


def _yaml(scope: Scope) -> Iterator[str]:
    yield "scope:"
    for name, globs in (("read", scope.read), ("write", scope.write)):
        if globs is None:
            continue
        yield f"  {name}:" if globs else f"  {name}: []"
        yield from (f"    - {_scalar(glob)}" for glob in globs)


def _scalar(text: str) -> str:
    """`text` as YAML reads it back; what a terminal would obey stands as an escape, which YAML knows too."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return terminal(json.dumps(text, ensure_ascii=False))
