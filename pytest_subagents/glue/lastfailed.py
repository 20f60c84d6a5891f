"""Keeping subagents that did not end well in `--lf`, which drops every item that was skipped.

`lastfailed` of pytest's plugin `lfplugin` is not documented: tests/glue/test_pytest_contracts.py fails when it moves.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def remember(config: pytest.Config, keys: Iterable[object]) -> None:
    """Let `--lf` run the items again whose reports had `keys` as their ids."""
    plugin = config.pluginmanager.get_plugin("lfplugin")
    known = getattr(plugin, "lastfailed", None)
    if isinstance(known, dict):
        known.update(dict.fromkeys(keys, True))
