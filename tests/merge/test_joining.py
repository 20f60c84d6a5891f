"""Many trees to one: what merges, what conflicts and with whom, and that the order does not matter."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from merging import TEN, Elsewhere, Files, Merging, Place, conflicted
from repositories import ARepository, digest_of, plain_git

from pytest_subagents.merge.joining import Joined
from pytest_subagents.model.integration import Conflicted, Merged, Nothing, PathConflict


def test_what_touches_different_lines_and_files_is_joined(place: Place) -> None:
    works = (
        place.elsewhere.work("first", {"ten.txt": TEN.replace("line 1\n", "one\n"), "new/a.py": "a\n"}),
        place.elsewhere.work("last", {"ten.txt": TEN.replace("line 8\n", "eight\n"), "src/b.py": None}),
    )
    merging = place.merging()
    joined = merging.join(*works)
    assert [(row.agent, row.paths) for row in joined.rows if isinstance(row, Merged)] == [
        ("first", ("new/a.py", "ten.txt")),
        ("last", ("src/b.py", "ten.txt")),
    ]
    files = merging.files(joined.tree)
    assert files[b"ten.txt"].decode() == TEN.replace("line 1\n", "one\n").replace("line 8\n", "eight\n")
    assert b"src/b.py" not in files
    assert joined.tree == merging.join(*reversed(works)).tree


def test_nothing_of_the_repository_changes_not_even_a_time(place: Place) -> None:
    """Also where what is made is there already: git would set the time of such an object."""
    place.person.write("ten.txt", TEN.replace("line 1\n", "one\n"))
    place.person.commit()
    same = place.elsewhere.work("same", {"ten.txt": TEN.replace("line 1\n", "one\n")})
    both = place.elsewhere.work("both", {"ten.txt": TEN.replace("line 8\n", "8\n"), "a.txt": "two\n"})
    clash = place.elsewhere.work("clash", {"ten.txt": TEN.replace("line 1\n", "other\n")})
    before = digest_of(place.person.path)
    joined = place.merging().join(same, both, clash)
    assert [type(row) for row in joined.rows] == [Nothing, Merged, Conflicted]
    assert digest_of(place.person.path) == before


def test_a_conflict_keeps_all_sides_and_names_who_it_is_with(place: Place) -> None:
    works = [
        place.elsewhere.work("one", {"ten.txt": TEN.replace("line 1\n", "one\n")}),
        place.elsewhere.work("else", {"a.txt": "other\n"}),
        place.elsewhere.work("two", {"ten.txt": TEN.replace("line 1\n", "two\n"), "free.txt": "free\n"}),
        place.elsewhere.work("three", {"src/b.py": "b = 3\n"}),
    ]
    merging = place.merging()
    joined = merging.join(*works)
    (conflict,) = conflicted(joined).conflicts
    assert (conflict.path, conflict.kinds, conflict.agents, conflict.moved) == (
        "ten.txt",
        ("contents",),
        ("one",),
        False,
    )
    sides = [conflict.base, conflict.ours, conflict.theirs]
    texts = [merging.store.reading.run("cat-file", "blob", side.id).decode() for side in sides if side]
    assert texts == [TEN, TEN.replace("line 1\n", "one\n"), TEN.replace("line 1\n", "two\n")]
    assert [row.agent for row in joined.rows if isinstance(row, Merged)] == ["one", "else", "three"]
    files = merging.files(joined.tree)
    assert b"free.txt" not in files, "left out as a whole"
    assert b"<<<" not in files[b"ten.txt"]
    assert joined.tree == place.merging().join(works[0], works[1], works[3]).tree


@pytest.mark.parametrize(
    ("first", "second", "path", "kinds"),
    [
        ({"ten.txt": None}, {"ten.txt": "short\n"}, "ten.txt", ("modify/delete",)),
        ({"new": "1\n"}, {"new": "2\n"}, "new", ("contents",)),
        ({"src/deep/c.bin": b"\0one"}, {"src/deep/c.bin": b"\0two"}, "src/deep/c.bin", ("binary", "contents")),
        ({"new": "file\n"}, {"new/below": "in a folder\n"}, "new", ("file/directory",)),
        ({"new/below": "in a folder\n"}, {"new": "file\n"}, "new", ("file/directory",)),
        ({"link": "->src"}, {"link": "->run.sh"}, "link", ("contents",)),
        ({"link": "->src"}, {"link": "a file\n"}, "link", ("distinct modes",)),
        ({"a\nb": "1\n"}, {"a\nb": "2\n"}, "a\nb", ("contents",)),
        ({"\udcff\udcfe": "1\n"}, {"\udcff\udcfe": "2\n"}, "\\xff\\xfe", ("contents",)),
    ],
)
def test_the_kinds_are_those_of_git(
    place: Place, first: Files, second: Files, path: str, kinds: tuple[str, ...]
) -> None:
    joined = place.merging().join(place.elsewhere.work("one", first), place.elsewhere.work("two", second))
    found = {conflict.path: conflict for conflict in conflicted(joined).conflicts}
    assert found[path].kinds == kinds
    assert found[path].agents == ("one",)
    assert conflicted(joined).agents == ("one",)


def test_names_that_are_no_text_are_joined_as_they_are(place: Place) -> None:
    works = [
        place.elsewhere.work("one", {'a\nb\t"c': "1\n", "\udcff/x": "x\n"}),
        place.elsewhere.work("two", {"\udcfe": "->/etc/passwd", "d\\e": "2\n"}),
    ]
    merging = place.merging()
    files = merging.files(merging.join(*works).tree)
    assert {b'a\nb\t"c', b"\xff/x", b"\xfe", b"d\\e"} <= files.keys()


def test_a_file_that_moved_and_was_changed_is_a_conflict(place: Place) -> None:
    """git could guess, and three patches could land elsewhere in another order."""
    moved = place.elsewhere.work("moves", {"ten.txt": None, "eleven.txt": TEN})
    changed = place.elsewhere.work("changes", {"ten.txt": TEN + "more\n"})
    (conflict,) = conflicted(place.merging().join(moved, changed)).conflicts
    assert (conflict.path, conflict.kinds) == ("ten.txt", ("modify/delete",))


def test_a_copy_beside_what_is_gone_is_not_taken_for_it(place: Place) -> None:
    works = [
        place.elsewhere.work("removes", {"ten.txt": None}),
        place.elsewhere.work("copies", {"copy.txt": TEN}),
        place.elsewhere.work("changes", {"ten.txt": TEN + "more\n"}),
    ]
    assert conflicted(place.merging().join(*works)).agent == "changes"


def test_each_has_its_own_base(place: Place) -> None:
    """HEAD went on after the first was recorded: what it changed meanwhile stays, and is no work of the second."""
    early = place.elsewhere.work("early", {"ten.txt": TEN.replace("line 1\n", "one\n")})
    place.person.write("ten.txt", TEN.replace("line 8\n", "eight\n"))
    place.person.write("a.txt", "moved on\n")
    place.person.commit()
    plain_git(place.elsewhere.path, "fetch", "-q", "origin", "main")
    late = place.elsewhere.work("late", {"src/b.py": "b = 2\n"}, base="FETCH_HEAD")
    merging = place.merging()
    joined = merging.join(early, late)
    assert [type(row) for row in joined.rows] == [Merged, Merged]
    files = merging.files(joined.tree)
    assert files[b"ten.txt"].decode() == TEN.replace("line 1\n", "one\n").replace("line 8\n", "eight\n")
    assert files[b"a.txt"] == b"moved on\n"
    assert joined.tree == merging.join(late, early).tree


def test_a_conflict_with_what_head_has_changed_says_so(place: Place) -> None:
    early = place.elsewhere.work("early", {"a.txt": "mine\n"})
    place.person.write("a.txt", "yours\n")
    place.person.commit()
    (conflict,) = conflicted(place.merging().join(early)).conflicts
    assert (conflict.agents, conflict.moved) == ((), True)


@pytest.mark.parametrize(
    ("base", "texts", "kinds"),
    [
        pytest.param("aa}", ("}aaa}", "aaba}", "abb..a}"), ("order",), id="another-result"),
        pytest.param("abbb", ("bb", "abbbb....", "ab}b}bb"), ("order", "contents"), id="a-conflict"),
        pytest.param("abbaaaa", ("abbbbaaaa", "abbaaa}a", "abbaaaaa"), ("order",), id="another-result-from-the-middle"),
        pytest.param("bb}}xxb", ("bb}}xxxba", "bb}xxxb", "bb}}xb"), ("order", "contents"), id="a-conflict-from-there"),
    ],
)
def test_where_the_order_would_matter_there_is_a_conflict(
    place: Place, base: str, texts: tuple[str, ...], kinds: tuple[str, ...]
) -> None:
    """Lines repeat, so git puts the same change into different places, and sees no conflict in the order given."""
    place.person.write("f", _lines(base))
    place.person.commit()
    plain_git(place.elsewhere.path, "pull", "-q", "--ff-only", "origin", "main")
    works = [place.elsewhere.work(str(number), {"f": _lines(text)}) for number, text in enumerate(texts)]
    free = place.elsewhere.work("free", {"g": "free\n"})
    joined = place.merging().join(*works, free)
    (conflict,) = conflicted(joined).conflicts
    assert (conflicted(joined).agent, conflict.path, conflict.kinds) == ("2", "f", kinds)
    assert conflict.agents == ("0", "1")
    assert None not in (conflict.base, conflict.ours, conflict.theirs)
    assert conflict.ours != conflict.theirs
    assert [row.agent for row in joined.rows if isinstance(row, Merged)] == ["0", "1", "free"]


def _lines(text: str) -> str:
    """A line for each letter; a dot is an empty one."""
    return "".join(f"{letter}\n".lstrip(".") for letter in text)


def test_two_submodules_are_a_conflict(place: Place) -> None:
    works = []
    for agent, letter in (("one", "1"), ("two", "2")):
        plain_git(place.elsewhere.path, "read-tree", "HEAD")
        plain_git(place.elsewhere.path, "update-index", "--add", "--cacheinfo", f"160000,{letter * 40},sub")
        base = plain_git(place.elsewhere.path, "rev-parse", "HEAD^{tree}")
        works.append(place.elsewhere.between(agent, base, plain_git(place.elsewhere.path, "write-tree")))
    assert [one.path for one in conflicted(place.merging().join(*works)).conflicts] == ["sub"]
    assert [type(row) for row in place.merging().join(works[0]).rows] == [Merged]


def test_the_same_work_is_there_already(place: Place) -> None:
    files: Files = {"new.txt": "same\n"}
    joined = place.merging().join(
        place.elsewhere.work("one", files), place.elsewhere.work("two", files), place.elsewhere.work("none", {})
    )
    assert joined.rows[1:] == (
        Nothing(agent="two", why="what it changed is there already"),
        Nothing(agent="none", why="it changed nothing"),
    )


def test_ids_repeat_in_every_store(place: Place) -> None:
    works = [place.elsewhere.work(id, {f"{id}.txt": "x\n", "ten.txt": f"{id}\n"}) for id in ("a", "b")]
    assert place.merging().join(*works) == place.merging().join(*works)


LINES = st.lists(st.sampled_from(["a\n", "b\n", "}\n", "\n", "x\n"]), max_size=7).map("".join)
EDITS = st.dictionaries(st.sampled_from(["f", "g", "d/h", "d"]), LINES | st.none(), max_size=3)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("laws")


@settings(max_examples=15)
@given(
    base=st.dictionaries(st.sampled_from(["f", "g", "d/h"]), LINES, min_size=1),
    edits=st.lists(EDITS, min_size=2, max_size=3),
)
def test_all_orders_give_the_same_tree_where_no_conflict_is_claimed(
    shelf: Path, base: dict[str, str], edits: list[dict[str, str | None]]
) -> None:
    folder = shelf / str(len(list(shelf.iterdir())))
    person = ARepository(folder / "person")
    for name, text in base.items():
        person.write(name, text)
    person.commit()
    elsewhere = Elsewhere(person, folder / "elsewhere")
    works = [elsewhere.work(str(number), _possible(base, edit)) for number, edit in enumerate(edits)]
    merging = Merging(person, folder / "store")
    there, *others = (merging.join(*order) for order in permutations(works))
    back = others[-1]
    assert {row.agent for row in there.rows} == {work.agent for work in works}
    trees = {found.tree for found in (there, *others) if not _clashes(found)}
    assert len(trees) <= 1
    assert len(works) == 3 or not trees or not any(map(_clashes, others)), "two conflict in both orders, or in none"
    if len(works) == 2:
        assert _clashes(there) == _clashes(back)
    for row in there.rows:
        if isinstance(row, Conflicted):
            assert all(isinstance(one, PathConflict) and one.agents for one in row.conflicts)


def _possible(base: dict[str, str], edit: dict[str, str | None]) -> dict[str, str | None]:
    """Of an edit, what can be done: nothing is removed that is not there, and no file is a folder, too."""
    kept = {name: text for name, text in edit.items() if text is not None or name in base}
    if kept.get("d") is not None:
        kept.pop("d/h", None)
        if "d/h" in base:
            kept.pop("d")
    return kept


def _clashes(joined: Joined) -> int:
    return sum(isinstance(row, Conflicted) for row in joined.rows)
