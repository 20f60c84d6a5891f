"""What a few bytes of a binary patch would become is known before git unpacks any of them."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest
from repositories import ARepository, a_checkout

from pytest_subagents.model import limits
from pytest_subagents.workspace.patch_reading import changes_of
from pytest_subagents.workspace.real_diff import real_diff

TOP = Path(".")
BACK = b"literal 0\nHcmV?d00001\n\n"
LARGE = limits.CHANGED_FILE_BYTES


def _packed(kind: bytes, size: int, data: bytes) -> bytes:
    packed = zlib.compress(data, 9)
    lines = [packed[at : at + 52] for at in range(0, len(packed), 52)]
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    told = b"".join(letters[len(each) - 1 :][:1] + base64.b85encode(each, pad=True) + b"\n" for each in lines)
    return b"%s %d\n%s\n" % (kind, size, told)


def _number(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found, value = found + bytes([value & 0x7F | 0x80]), value >> 7
    return found + bytes([value])


def _patch(*forth: bytes, back: bytes = BACK) -> bytes:
    index = b"new file mode 100644\nindex %s..%s\nGIT binary patch" % (b"0" * 40, b"1" * 40)
    files = (
        b"diff --git a/f%d b/f%d\n%s\n%s%s" % (number, number, index, each, back) for number, each in enumerate(forth)
    )
    return b"".join(files)


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        (_patch(_packed(b"literal", 100_000_000, b"\0" * 9_999)), "ends a file of more than 67,108,864 bytes"),
        (_patch(_packed(b"delta", 40, _number(1) + _number(10**13))), "ends a file of more than 67,108,864 bytes"),
        (_patch(_packed(b"delta", 10**11, _number(1) + _number(2))), "ends a file of more than 67,108,864 bytes"),
        (_patch(*[_packed(b"literal", LARGE, b"\0")] * 5), "ends what makes more than 268,435,456 bytes"),
        (_patch(BACK, back=_packed(b"literal", 2**31, b"\0")), "ends a file of more than 1,073,741,824 bytes"),
        (_patch(_packed(b"delta", 1, _number(1))), "is no binary patch"),
        (_patch(_packed(b"delta", 9, b"")), "is no binary patch"),
        (_patch(b"delta 9\nKzzzzzzzzzzzzzzz\n\n"), "is no binary patch"),
    ],
    ids=["literal", "delta", "the-delta-itself", "many", "back", "one-number", "empty", "not-packed"],
)
def test_what_would_fill_memory_or_a_disk_is_not_read(patch: bytes, why: str) -> None:
    found = changes_of(patch, TOP)
    assert isinstance(found, str)
    assert found.endswith(why)


def test_what_git_writes_is_read(tmp_path: Path) -> None:
    """A literal, and a delta of a file that is large enough for one."""
    person = ARepository(tmp_path / "person")
    noise = b"".join(zlib.compress(b"%d" % number) for number in range(9_000))
    (person.path / "large.bin").write_bytes(noise)
    person.commit()
    work = a_checkout(person)
    (work.place / "large.bin").write_bytes(noise + b"\0more")
    (work.place / "new.bin").write_bytes(b"\0" * 5_000)
    patch = real_diff(work).patch
    assert b"\ndelta " in patch
    assert b"\nliteral 5000\n" in patch
    found = changes_of(patch, TOP)
    assert [change.path for change in found if not isinstance(change, str)] == ["large.bin", "new.bin"]
