"""What was told of changes, held against what was really changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.audit.told import Told, differences
from pytest_subagents.model import limits
from pytest_subagents.model.event import ChangeKind
from pytest_subagents.model.outcome import Change

PATHS = ("a.py", "b.py", "../c.py", "/etc/x", ".git/config")
KINDS: tuple[ChangeKind, ...] = ("add", "update", "delete")


def told(*changes: tuple[str, ChangeKind]) -> Told:
    found = Told()
    for path, kind in changes:
        found.take(path, kind)
    return found


def test_said_and_done_and_neither() -> None:
    found = told(("a.py", "add"), ("lie.py", "update"))
    real = (Change(path="a.py", kind="add"), Change(path="stray.py", kind="delete"))
    assert list(differences(found, real, [])) == [
        {"action": "changed", "path": "a.py", "kind": "add", "told": True},
        {"action": "changed", "path": "stray.py", "kind": "delete", "told": False},
        {"action": "not_changed", "path": "lie.py", "told": True},
    ]


def test_what_came_and_went_was_no_lie() -> None:
    assert list(differences(told(("a.py", "add"), ("a.py", "delete")), (), [])) == []
    assert [each["path"] for each in differences(told(("a.py", "update"), ("a.py", "delete")), (), [])] == ["a.py"]


def test_what_no_diff_can_have_is_not_asked_of_it() -> None:
    found = told(("/etc/x", "add"), (".git/config", "update"), ("x/.GIT/hooks/y", "add"), ("pipe", "add"))
    assert list(differences(found, (), [("pipe", "is a FIFO")])) == [
        {"action": "unkept", "path": "pipe", "why": "is a FIFO", "told": True}
    ]


def test_it_is_bounded() -> None:
    found = told(*((str(number), "add") for number in range(limits.CHANGES_KEPT + 1)))
    assert found.more
    assert len(found.lasting()) == limits.CHANGES_KEPT
    assert told(("x" * (limits.PATH_BYTES + 1), "add")).more


@given(
    st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(KINDS))),
    st.dictionaries(st.sampled_from(PATHS), st.sampled_from(KINDS)),
)
def test_every_real_change_is_one_line_and_no_path_is_both(
    said: list[tuple[str, ChangeKind]], real: dict[str, ChangeKind]
) -> None:
    changes = [Change(path=path, kind=kind) for path, kind in sorted(real.items())]
    found = list(differences(told(*said), changes, []))
    assert [each["path"] for each in found if each["action"] == "changed"] == sorted(real)
    names = {path for path, _ in said}
    assert all(each["told"] is (each["path"] in names) for each in found)
    assert not {str(each["path"]) for each in found if each["action"] == "not_changed"} & set(real)
