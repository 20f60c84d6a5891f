"""Words and paths as a report has them: the same on every machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_subagents.conduct.shown_paths import without_rootdir


@pytest.mark.parametrize(
    ("rootdir", "text", "shown"),
    [
        ("/home/me/repo", "/home/me/repo/.subagents/work/1/a: no room", ".subagents/work/1/a: no room"),
        ("/home/me/repo", "/home/me/repo: is not complete here", ".: is not complete here"),
        ("/home/me/repo", "/home/me/repo-2: is not complete here", "/home/me/repo-2: is not complete here"),
        ("/home/me/repo", "git read-tree: fatal", "git read-tree: fatal"),
        ("/", "/etc/x: no room", "/etc/x: no room"),
    ],
)
def test_words_of_an_error_have_no_absolute_path(rootdir: str, text: str, shown: str) -> None:
    assert without_rootdir(Path(rootdir), text) == shown
