"""Context files: read with care, and told by name where they cannot be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits
from pytest_subagents.model.spec import SharedContext
from pytest_subagents.prompt.brief import ContextFile
from pytest_subagents.prompt.context import read_context


def read(root: Path, *files: str) -> tuple[ContextFile, ...]:
    return read_context(SharedContext(files=files), rootdir=root, where="subagents.yaml:1")


def refused(root: Path, *files: str) -> str:
    with pytest.raises(BadFile) as caught:
        read(root, *files)
    assert caught.value.where == "subagents.yaml:1"
    return caught.value.what


def test_they_come_in_the_order_of_the_workflow(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/b.md").write_bytes(b"\xef\xbb\xbfB \xc3\xa9\r\nb\n")
    (tmp_path / "a.md").write_bytes(b"A")
    assert read(tmp_path, "docs/b.md", "a.md") == (
        ContextFile(path="docs/b.md", text="B é\nb\n"),
        ContextFile(path="a.md", text="A"),
    )


def test_a_link_may_lead_elsewhere_in_the_repository(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("A", encoding="utf-8")
    (tmp_path / "b.md").symlink_to("a.md")
    assert read(tmp_path, "b.md")[0].text == "A"


def test_but_not_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "secret").write_text("s", encoding="utf-8")
    (tmp_path / "root/a.md").symlink_to("../secret")
    assert refused(tmp_path / "root", "a.md") == "the context file 'a.md' is a link that leaves the repository"


def test_what_is_no_text_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin.md").write_bytes(b"ab\xe9")
    (tmp_path / "loop").symlink_to("loop")
    assert refused(tmp_path, "pipe") == "the context file 'pipe' is not a regular file"
    assert refused(tmp_path, "folder").startswith("the context file 'folder' ")
    assert refused(tmp_path, "latin.md") == "the context file 'latin.md' is not UTF-8 (byte 2)"
    assert refused(tmp_path, "none.md") == "the context file 'none.md' cannot be read: no such file or directory"
    assert refused(tmp_path, "loop").startswith("the context file 'loop' cannot be read: ")


def test_together_they_are_no_larger_than_a_prompt(tmp_path: Path) -> None:
    (tmp_path / "half.md").write_bytes(b"x" * (limits.PROMPT_BYTES // 2 + 1))
    assert len(read(tmp_path, "half.md")) == 1
    assert refused(tmp_path, "half.md", "half.md") == (
        "the context file 'half.md' makes more than 4,194,304 bytes of context"
    )
