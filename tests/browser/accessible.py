"""What axe-core finds wrong with a page."""

from __future__ import annotations

from typing import Any, Final, Literal

from browser.window import Window

_RUN: Final = """
(within, rules) => axe.run(document.querySelector(within), {
  resultTypes: ['violations'],
  rules: rules === 'all' ? {} : {'color-contrast': {enabled: false}},
  ...(rules === 'contrast' ? {runOnly: ['color-contrast'], rules: {}} : {}),
}).then(done => done.violations.map(rule => [rule.id, rule.nodes.map(node => node.html.slice(0, 200))]))
"""


def violations(
    window: Window, axe: str, *, within: str = "html", rules: Literal["all", "contrast", "but contrast"] = "all"
) -> list[Any]:
    """By the script `axe`: the rules that are broken, each with the elements that break it. Contrast takes most of the
    time, and is another one only in other colours."""
    window.run(f"{axe};0")
    return list(window.run(_RUN, within, rules))
