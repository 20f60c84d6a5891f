"""What axe-core finds wrong with a page."""

from __future__ import annotations

from typing import Any, Final

from browser.window import Window

_RUN: Final = """
axe.run(document, {resultTypes: ['violations']})
  .then(done => done.violations.map(rule => [rule.id, rule.nodes.map(node => node.html.slice(0, 200))]))
"""


def violations(window: Window, axe: str) -> list[Any]:
    """By the script `axe`: the rules that are broken, each with the elements that break it."""
    window.run(f"{axe};0")
    return list(window.run(_RUN))
