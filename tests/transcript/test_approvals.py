"""The file of approvals: what is written is read, and nothing else is believed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_subagents.errors import BadFile
from pytest_subagents.transcript.approvals import (
    Approval,
    approvals_path,
    digest_of,
    read_approvals,
    write_approvals,
)

ONE = Approval(agent="fix", digest=digest_of(b"a patch"), by="Ann", date="2026-11-30", comment='"fine"\u202e')
TWO = Approval(agent="a/b", digest=digest_of(b""))


def test_what_is_written_is_read_and_the_order_does_not_matter(tmp_path: Path) -> None:
    path = approvals_path(tmp_path, "my team")
    assert read_approvals(path, below=tmp_path, where="x") == ()
    texts = []
    for approvals in ([ONE, TWO], [TWO, ONE]):
        write_approvals(path, approvals, below=tmp_path, where="x")
        texts.append(path.read_bytes())
        assert read_approvals(path, below=tmp_path, where="x") == (TWO, ONE)
    assert texts[0] == texts[1]
    write_approvals(path, [], below=tmp_path, where="x")
    assert not path.exists()


def _file(**changes: object) -> bytes:
    given = {"format": "pytest-subagents/approvals", "version": 1, "approvals": []}
    return json.dumps({**given, **changes}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        _file(version=2),
        _file(format="other"),
        _file(more=1),
        _file(approvals=[{"agent": "a", "digest": "sha256:1"}]),
        _file(approvals=[{"agent": "a", "digest": TWO.digest, "all": True}]),
        _file(approvals=[{"agent": "a", "digest": TWO.digest}, {"agent": "a", "digest": ONE.digest}]),
        _file(approvals=[{"agent": "*"}]),
        b" " * (2 * 1024 * 1024),
    ],
)
def test_nothing_else_is_believed(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "approvals.json"
    path.write_bytes(data)
    with pytest.raises(BadFile, match=r"^here: ") as caught:
        read_approvals(path, below=tmp_path, where="here")
    assert len(caught.value.what) <= 600


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_bytes(_file())
    (tmp_path / "approvals.json").symlink_to("other.json")
    with pytest.raises(BadFile):
        read_approvals(tmp_path / "approvals.json", below=tmp_path, where="here")
