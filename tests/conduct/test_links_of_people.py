"""What people write beside transcripts may be a link inside of the repository, not one that leads out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_subagents.conduct.transcript_folder import expectations_in, nearest_contract
from pytest_subagents.errors import BadFile, BadUsage
from pytest_subagents.specify.reading import read_tree


def test_a_link_out_of_the_repository_is_not_quoted(tmp_path: Path) -> None:
    root, secret = tmp_path / "root", tmp_path / "secret"
    root.mkdir()
    secret.write_text("s3cr3t: yes\n", encoding="utf-8")
    for name in ("expect.yaml", "contract.json", "x.subagents.yaml"):
        (root / name).symlink_to(secret)
    for read in (
        lambda: expectations_in(root, root),
        lambda: nearest_contract(root, rootdir=root, default=None, said_by="ini subagents_contract"),
        lambda: read_tree(root / "x.subagents.yaml", rootdir=root),
    ):
        with pytest.raises((BadFile, BadUsage), match="is a link to a place outside the repository") as found:
            read()
        assert "s3cr3t" not in str(found.value)


def test_a_link_inside_and_what_lies_elsewhere_are_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "shared").mkdir(parents=True)
    (root / "shared/c.json").write_text("{}", encoding="utf-8")
    (root / "contract.json").symlink_to("shared/c.json")
    found = nearest_contract(root, rootdir=root, default=None, said_by="ini subagents_contract")
    assert str(found.path) == str(root / "contract.json")
    (tmp_path / "real.yaml").write_text("a: 1\n", encoding="utf-8")
    (tmp_path / "elsewhere.yaml").symlink_to("real.yaml")
    assert read_tree(tmp_path / "elsewhere.yaml", rootdir=root)
