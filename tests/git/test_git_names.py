"""Names that git keeps out of a tree, and ids of contents: our answers against git's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import ARepository, plain_git, program

from pytest_subagents.git.blobs import blob_id, blob_id_of, store_blob
from pytest_subagents.git.command import Git
from pytest_subagents.git.names import is_git_name, is_refused
from pytest_subagents.git.private import make_private
from pytest_subagents.git.repository import find_repository

GIT_NAMES = [
    ".git",
    ".GIT",
    ".Git",
    "git~1",
    "GIT~1",
    ".git ",
    ".git. .",
    ".git::$INDEX_ALLOCATION",
    ".git:x",
    ".g\u200cit",
    "\ufeff.git",
    ".gi\u206ft",
    ".git\\config",
    "a\\.git\\b",
    "git~1\\x",
]
GOOD_NAMES = [".gitignore", ".gitmodules", ".gitattributes", "git", "agit~1", ".git-x", "git~2", "a.git", ".gitt", "\\"]

_PARTS = st.sampled_from(
    ["g", "G", "i", "t", ".", " ", "~1", "~", "1", "\\", ":", "\u200c", "\ufeff", "modules", ".git", "git~1", "x", "é"]
)
_NAMES = st.lists(_PARTS, min_size=1, max_size=5).map("".join)


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    folder = tmp_path_factory.mktemp("names")
    person = ARepository(folder / "r")
    return make_private(find_repository(program(), person.path), folder / "own")


def _taken(git: Git, path: bytes, mode: str) -> bool:
    id = blob_id(b"", "sha1")
    store_blob(b"", git.cwd / "objects", "sha1")
    answer = git.ask("update-index", "-z", "--index-info", input=f"{mode} {id}\t".encode() + path + b"\0")
    return answer.code == 0 and b"Ignoring path" not in answer.stderr


@pytest.mark.parametrize("name", GIT_NAMES)
def test_names_that_some_system_takes_for_a_git_directory_are_known_anywhere_in_a_path(git: Git, name: str) -> None:
    assert is_git_name(name.encode())
    for path in (name, f"a/{name}", f"{name}/b"):
        assert is_refused(path.encode(), link=False)
    assert not _taken(git, f"{name}/b".encode(), "100644")


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_other_names_are_ordinary(git: Git, name: str) -> None:
    assert not is_git_name(name.encode())
    assert not is_refused(name.encode(), link=False)
    assert _taken(git, name.encode(), "100644")


def test_a_link_may_not_be_named_like_the_list_of_submodules(git: Git) -> None:
    for name in (b".gitmodules", b".GITmodules", b".gitmodules .", b".gitmodules:x", b"gitmod~1", b"gi7eba~1"):
        assert is_refused(name, link=True)
        assert not is_refused(name, link=False)
        assert not _taken(git, name, "120000")
    assert is_refused(b".gitmodules/g", link=True)
    assert not _taken(git, b".gitmodules/g", "120000")


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.lists(_NAMES, min_size=1, max_size=2).map("/".join), link=st.booleans())
def test_whatever_git_refuses_is_known_before_it_is_asked(git: Git, path: str, link: bool) -> None:
    raw = path.encode()
    if not is_refused(raw, link=link):
        (git.cwd / "index").unlink(missing_ok=True)
        assert _taken(git, raw, "120000" if link else "100644")


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
@pytest.mark.parametrize("data", [b"", b"one\n", b"\0" * 100_000, bytes(range(256)) * 9000])
def test_contents_have_the_id_that_git_gives_them_and_are_found_by_it(
    tmp_path: Path, object_format: str, data: bytes
) -> None:
    plain_git(tmp_path, "init", "-q", f"--object-format={object_format}")
    id = store_blob(data, tmp_path / ".git/objects", object_format)
    assert id == store_blob(data, tmp_path / ".git/objects", object_format)
    assert id == blob_id(data, object_format)
    assert plain_git(tmp_path, "hash-object", "--stdin", input=data) == id
    assert Git(program=program(), cwd=tmp_path).run("cat-file", "blob", id) == data
    plain_git(tmp_path, "fsck", "--strict")
    (tmp_path / "f").write_bytes(data)
    descriptor = os.open(tmp_path / "f", os.O_RDONLY)
    os.read(descriptor, 10)
    assert blob_id_of(descriptor, len(data), object_format) == id
    os.close(descriptor)
