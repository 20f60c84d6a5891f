"""Work that is built on the work of others: made again from what it is built on, merged behind it or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from merging import TEN, Files, Merging, Place

from pytest_subagents.merge.basing import Apart, Base, Start, make_base
from pytest_subagents.merge.built_on import all_below, last_first
from pytest_subagents.merge.rebuilding import rebuilt
from pytest_subagents.merge.work import Rebuilt, Work
from pytest_subagents.model.integration import Conflicted, Merged, Stale, Waiting
from pytest_subagents.workspace.paths import shown


def based(merging: Merging, *works: Work) -> Base | Apart | Stale:
    head = merging.repository.git.line("rev-parse", "HEAD")
    start = Start(tree=merging.start, head=head)
    return make_base(merging.store, start, works, shown=partial(shown, prefix=Path()))


def built(place: Place, agent: str, files: Files, *below: Work) -> Work:
    """What `agent` left that started from the work of others."""
    base = based(place.merging(), *below)
    assert isinstance(base, Base)
    place.elsewhere.unpack(base.pack)
    return replace(place.elsewhere.work(agent, files, base=base.commit), parts=base.parts)


@pytest.fixture
def chain(place: Place) -> Mapping[str, Work]:
    """Three that go on with one file."""
    one = place.elsewhere.work("one", {"new.py": TEN})
    two = built(place, "two", {"new.py": TEN + "two\n"}, one)
    three = built(place, "three", {"new.py": TEN + "three\n", "more.py": "x\n"}, one, two)
    return {work.agent: work for work in (one, two, three)}


def test_it_is_merged_behind_what_it_is_built_on(place: Place, chain: Mapping[str, Work]) -> None:
    joined = place.merging().join(*chain.values())
    assert all(isinstance(row, Merged) for row in joined.rows)
    assert joined.tree == chain["three"].tree
    base, again = (based(place.merging(), *chain.values()) for _ in range(2))
    assert isinstance(base, Base)
    assert isinstance(again, Base)
    assert (base.tree, base) == (joined.tree, replace(again, objects=base.objects))


def test_it_is_left_out_with_what_it_is_built_on(place: Place, chain: Mapping[str, Work]) -> None:
    clash = place.elsewhere.work("clash", {"new.py": "other\n"}, base=place.person.git("rev-parse", "HEAD"))
    joined = place.merging().join(clash, *chain.values())
    assert [type(row) for row in joined.rows] == [Merged, Conflicted, Waiting, Waiting]
    assert [row.why for row in joined.rows if isinstance(row, Waiting)] == [
        "it builds on one, whose work is not merged"
    ] * 2


@pytest.mark.parametrize(
    ("without", "why"),
    [
        ("one", "it is built on the work of one, which cannot be had"),
        ("other", "it is built on other work of one than what is recorded of that now"),
        ("start", "the tree that it started from (000000000000) is not in this repository"),
        ("base", "what it is built on gives another tree than the one that it started from (111111111111)"),
    ],
)
def test_where_it_cannot_be_made_again_it_is_stale(
    place: Place, chain: Mapping[str, Work], without: str, why: str
) -> None:
    one, two = chain["one"], chain["two"]
    assert two.parts is not None
    match without:
        case "one":
            works = [two]
        case "other":
            head = place.person.git("rev-parse", "HEAD")
            works = [place.elsewhere.work("one", {"new.py": "else\n"}, base=head), two]
        case "start":
            works = [replace(two, parts=replace(two.parts, start="0" * 40))]
        case _:
            works = [one, replace(two, base="1" * 40)]
    found = rebuilt(place.merging().store, works)[-1]
    assert isinstance(found, Stale)
    assert found.why == why


def test_work_that_does_not_go_together_is_told(place: Place) -> None:
    one = place.elsewhere.work("one", {"ten.txt": TEN.replace("line 3", "one")})
    two = place.elsewhere.work("two", {"ten.txt": TEN.replace("line 3", "two")})
    found = based(place.merging(), one, two)
    assert isinstance(found, Apart)
    assert (found.agent, found.others, [each.path for each in found.conflicts]) == ("two", ("one",), ["ten.txt"])


def test_one_that_changed_nothing_needs_no_base(place: Place) -> None:
    work = Work(agent="idle", base="0" * 40, tree="0" * 40, patch=b"")
    (found,) = rebuilt(place.merging().store, [work])
    assert isinstance(found, Rebuilt)


@given(st.lists(st.sets(st.integers(0, 4)), max_size=5))
def test_the_last_comes_first_as_far_as_it_can(below: list[set[int]]) -> None:
    """Of all orders in which nobody stands before what it is built on, the one that is nearest to the end."""
    works = [
        Rebuilt(
            agent=str(at), base="", tree="", paths=frozenset(), on=tuple(str(one) for one in sorted(on) if one < at)
        )
        for at, on in enumerate(below)
    ]
    possible = [
        order
        for order in permutations(range(len(works)))
        if all(order.index(int(one)) < order.index(at) for at in order for one in works[at].on)
    ]
    assert [int(work.agent) for work in last_first(works, all_below(works, {}))] == list(max(possible))
