"""What merges as text and still does not go together; and what was broken before, or only looks so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from merging import Place
from repositories import plain_git

from pytest_subagents.integration.integrating import CHECKERS
from pytest_subagents.merge.beyond_text.lock_files import kind_by_name
from pytest_subagents.merge.joining import Joining
from pytest_subagents.model.integration import Conflicted, Merged, PathConflict

Files = dict[str, str | None]
BODY = "".join(f"x{number} = {number}\n" for number in range(8))


def head_and_tail(head: str = "", tail: str = "") -> str:
    """Two who change this at different ends do not meet as text."""
    return f"{head}{BODY}{tail}"


def merged(place: Place, base: Files, *sides: Files) -> list[Merged | Conflicted]:
    for name, text in base.items():
        place.person.write(name, text or "")
    place.person.commit()
    plain_git(place.elsewhere.path, "pull", "-q", "--ff-only", "origin", "main")
    merging = place.merging()
    works = merging.rebuilt(*(place.elsewhere.work(name, side) for name, side in zip("abcd", sides, strict=False)))
    joining = Joining(
        store=merging.store,
        start=merging.start,
        works=works,
        shown=lambda path: path.decode("utf-8", "backslashreplace"),
        checkers=CHECKERS,
    )
    return [row for row in joining.add(works) if isinstance(row, Merged | Conflicted)]


def only(rows: list[Merged | Conflicted]) -> PathConflict:
    """The one conflict, of the second of two."""
    assert isinstance(rows[0], Merged)
    assert isinstance(rows[1], Conflicted)
    (conflict,) = rows[1].conflicts
    assert conflict.agents == ("a",)
    return conflict


F = "def f():\n    return 1\n"
CLASS = "class C:\n    def one(self): ...\n"
FOUND: list[tuple[str, Files, Files, Files, tuple[str, int | None, str, str]]] = [
    (
        "a function twice",
        {"m.py": head_and_tail()},
        {"m.py": head_and_tail(head=F)},
        {"m.py": head_and_tail(tail=F)},
        ("m.py", 11, "duplicate definition", "f"),
    ),
    (
        "a method twice",
        {"m.py": head_and_tail(head=CLASS, tail="class D:\n    def b(self): ...\n").replace(BODY, "    y = 1\n" * 8)},
        {"m.py": head_and_tail(head=CLASS + "    def new(self): ...\n").replace(BODY, "    y = 1\n" * 8)
         + "class D:\n    def b(self): ...\n"},
        {"m.py": head_and_tail(head=CLASS).replace(BODY, "    y = 1\n" * 8)
         + "    def new(self): ...\nclass D:\n    def b(self): ...\n"},
        ("m.py", 12, "duplicate definition", "C.new"),
    ),
    (
        "a branch without its condition",
        {"m.py": "if True:\n" + BODY.replace("x", "    x")},
        {"m.py": "with a:\n" + BODY.replace("x", "    x")},
        {"m.py": "if True:\n" + BODY.replace("x", "    x") + "else:\n    y = 1\n"},
        ("m.py", 10, "syntax", "invalid syntax"),
    ),
    (
        "a key of JSON twice",
        {"m.json": '{\n"a": 1,\n"b": 2,\n"c": 3,\n"d": 4\n}\n'},
        {"m.json": '{\n"new": 1,\n"a": 1,\n"b": 2,\n"c": 3,\n"d": 4\n}\n'},
        {"m.json": '{\n"a": 1,\n"b": 2,\n"c": 3,\n"new": 2,\n"d": 4\n}\n'},
        ("m.json", None, "duplicate definition", "new"),
    ),
    (
        "a table of TOML twice",
        {"m.toml": "[a]\nx = 1\n[b]\nx = 1\n[c]\nx = 1\n"},
        {"m.toml": "[new]\n[a]\nx = 1\n[b]\nx = 1\n[c]\nx = 1\n"},
        {"m.toml": "[a]\nx = 1\n[b]\nx = 1\n[c]\nx = 1\n[new]\n"},
        ("m.toml", 8, "syntax", "Cannot declare ('new',) twice"),
    ),
    (
        "a key of YAML twice",
        {"m.yaml": "a: &x {k: 1}\nb: 2\nc: [*x]\nd: 4\n"},
        {"m.yaml": "new: 1\na: &x {k: 1}\nb: 2\nc: [*x]\nd: 4\n"},
        {"m.yaml": "a: &x {k: 1}\nb: 2\nc: [*x]\nd: 4\nnew: 2\n"},
        ("m.yaml", 6, "duplicate definition", "new"),
    ),
    (
        "removed here, used there",
        {"m.py": head_and_tail(head=F)},
        {"m.py": head_and_tail()},
        {"m.py": head_and_tail(head=F, tail="print(f())\n")},
        ("m.py", 9, "removed but used", "f, which was in m.py"),
    ),
    (
        "removed, imported by a new file",
        {"src/pkg/__init__.py": "", "src/pkg/m.py": F + BODY},
        {"src/pkg/m.py": BODY + "def g(): ...\n"},
        {"tests/new.py": "import os\nfrom pkg.m import f\n"},
        ("tests/new.py", 2, "removed but used", "f, which was in src/pkg/m.py"),
    ),
    (
        "imported relatively by the first, removed by the second",
        {"pkg/m.py": F, "pkg/n.py": BODY},
        {"pkg/n.py": "from .m import f\n" + BODY},
        {"pkg/m.py": F.replace("f()", "g()")},
        ("pkg/n.py", 1, "removed but used", "f, which was in pkg/m.py"),
    ),
    (
        "a module removed, used by its attribute",
        {"pkg/m.py": F, "pkg/n.py": BODY},
        {"pkg/m.py": None},
        {"pkg/n.py": "from pkg import m\n" + BODY + "m.f()\n"},
        ("pkg/n.py", 10, "removed but used", "f, which was in pkg/m.py"),
    ),
    (
        "a lock file that merges as text",
        {"uv.lock": BODY},
        {"uv.lock": "a\n" + BODY},
        {"uv.lock": BODY + "b\n"},
        ("uv.lock", None, "lock file", "no text merge of it can be trusted: generate it again"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("base", "one", "two", "found"), [case[1:] for case in FOUND], ids=[case[0] for case in FOUND])
def test_what_does_not_go_together_is_a_conflict_of_the_later_one(
    place: Place, base: Files, one: Files, two: Files, found: tuple[str, int | None, str, str]
) -> None:
    conflict = only(merged(place, base, one, two))
    assert (conflict.path, conflict.line, conflict.kinds, conflict.about) == (found[0], found[1], (found[2],), found[3])


OVERLOADS = "@overload\ndef f(a: int): ...\n"
USE: Files = {"t.py": "from m import f\n"}
GUARDED = "try:\n    from m import f\nexcept ImportError:\n    f = 1\n"
FINE: list[tuple[str, Files, Files, Files]] = [
    ("broken before", {"m.py": "def (\n" + BODY}, {"m.py": "1\ndef (\n" + BODY}, {"m.py": "def (\n" + BODY + "2\n"}),
    (
        "twice before",
        {"m.py": F + F + BODY},
        {"m.py": "z = 1\n" + F + F + BODY},
        {"m.py": F + F + BODY + "w = 1\n"},
    ),
    ("overloads", {"m.py": BODY}, {"m.py": OVERLOADS + BODY}, {"m.py": BODY + OVERLOADS}),
    ("one name in two classes", {"m.py": BODY}, {"m.py": CLASS + BODY}, {"m.py": BODY + CLASS.replace("C", "D")}),
    ("moved elsewhere and imported back", {"m.py": F + BODY}, {"m.py": "from n import f\n" + BODY}, USE),
    ("names that come from anywhere", {"m.py": F + BODY}, {"m.py": "from n import *\n" + BODY}, USE),
    ("expected to fail", {"m.py": F}, {"m.py": BODY}, {"t.py": GUARDED}),
    ("a module of Python itself", {"tools/json.py": F}, {"tools/json.py": BODY}, {"t.py": "from json import f\n"}),
    ("two modules of that name", {"m.py": F, "src/m.py": F}, {"m.py": BODY}, USE),
    ("used before, too", {"m.py": F, "t.py": "from m import f\n"}, {"m.py": BODY}, {"t.py": "from m import f\nf()\n"}),
    ("another one of that name", {"m.py": F + BODY}, {"m.py": BODY}, {"m.py": F + BODY + "for f in x: f()\n"}),
    ("too deep", {"m.py": BODY}, {"m.py": F + BODY}, {"m.py": BODY + "(" * 9000 + "\n"}),
    ("other files of both", {"m.rb": BODY}, {"m.rb": F + BODY}, {"m.rb": BODY + F}),
]  # fmt: skip


@pytest.mark.parametrize(("base", "one", "two"), [case[1:] for case in FINE], ids=[case[0] for case in FINE])
def test_there_is_no_false_alarm(place: Place, base: Files, one: Files, two: Files) -> None:
    rows = merged(place, base, one, two)
    assert [type(row) for row in rows] == [Merged, Merged], rows


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet="{}[]:,\"'\n #&*-<>\\abt01=()\t\0", max_size=200).map(str.encode))
def test_no_contents_are_too_much(data: bytes) -> None:
    for checker in CHECKERS.values():
        assert isinstance(checker(data), tuple)


@pytest.mark.parametrize("data", [b"[" * 100_000, b"(" * 100_000, b"a:\n" * 50_000, b"{a: " * 50_000, b"-" * 200_000])
def test_nor_too_deep(data: bytes) -> None:
    for checker in CHECKERS.values():
        assert isinstance(checker(data), tuple)


def test_names_of_files_that_programs_write() -> None:
    for name in (
        "a/package-lock.json",
        "pnpm-lock.yaml",
        "poetry.lock",
        "uv.lock",
        "Cargo.lock",
        "go.sum",
        "yarn.lock",
    ):
        assert kind_by_name(name.encode()) == "lock file"
    assert kind_by_name(b"api/v1_pb2.py") == "generated file"
    assert kind_by_name(b"src/lock.py") is kind_by_name(b"locks/a.md") is None
