"""A recorded patch file by file."""

from __future__ import annotations

from pathlib import PurePosixPath

from a_patch import changed_line, new_binary, new_file

from pytest_subagents.workspace.patch_files import PatchSize, files_of, size_of

HERE = PurePosixPath()


def test_lines_are_counted_and_binary_files_are_not() -> None:
    patch = new_binary("a.bin") + new_file("b", ["+++ no header", "--- nor this", "diff --git a/x b/x"])
    patch += changed_line("c", old="-- old", new="++ new")
    assert size_of(patch) == PatchSize(added=4, removed=1, binary=1)
    assert size_of(patch).lines == 5
    assert size_of(b"") == PatchSize()


def test_a_line_ends_at_its_line_feed_alone() -> None:
    assert size_of(new_file("a", ["one\rtwo", "three\x0bfour"])) == PatchSize(added=2)


def test_each_file_has_its_own_part() -> None:
    parts = [new_file("src/a", ["1", "2"]), new_binary("src/b"), changed_line("other")]
    found = files_of(b"".join(parts), PurePosixPath("src"))
    assert not isinstance(found, str)
    assert [(each.path, each.text) for each in found] == list(zip(["a", "b", "../other"], parts, strict=True))
    assert [each.size for each in found] == [PatchSize(added=2), PatchSize(binary=1), PatchSize(added=1, removed=1)]


def test_what_is_no_patch_of_ours_is_not_taken_apart() -> None:
    assert files_of(new_file("a") + b"x", HERE) == "line 8 of the patch has no end"
    assert files_of(b"", HERE) == ()
