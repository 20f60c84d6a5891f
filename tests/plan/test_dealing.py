"""Who runs in which shard: everybody once, with what it hangs on, and no shard much longer than another."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model.limits import DEFAULT_RUNTIME_MS
from pytest_subagents.plan.sharding import Piece, dealt

IDS = [f"w.yaml::{letter}" for letter in "abcdefghij"]
bonds = st.lists(
    st.sampled_from([("resource", "port"), ("workflow", "w.yaml"), *(("item", id) for id in IDS)]), max_size=2
).map(tuple)


@st.composite
def teams(draw: st.DrawFn) -> list[Piece]:
    ids = draw(st.lists(st.sampled_from(IDS), unique=True))
    times = st.none() | st.integers(0, 1000)
    return [
        Piece(nodeid=id, milliseconds=draw(times), bonds=draw(bonds), selected=draw(st.booleans() | st.just(True)))
        for id in ids
    ]


def groups(pieces: list[Piece]) -> list[set[str]]:
    """Plainly: what shares a bond is one group, until nothing changes any more."""
    found = [({piece.nodeid}, {("item", piece.nodeid), *piece.bonds}) for piece in pieces]
    merged = True
    while merged:
        merged = False
        for index, (names, shared) in enumerate(found):
            for other in range(index + 1, len(found)):
                if shared & found[other][1]:
                    found[index] = (names | found[other][0], shared | found[other][1])
                    del found[other]
                    merged = True
                    break
            if merged:
                break
    return [names for names, _ in found]


@given(teams(), st.integers(1, 12), st.randoms(use_true_random=False))
def test_everybody_is_in_one_shard_with_what_it_hangs_on_whatever_the_order(
    pieces: list[Piece], count: int, random: Random
) -> None:
    shards = dealt(pieces, count)
    selected = {piece.nodeid for piece in pieces if piece.selected}
    assert shards.keys() == selected
    assert set(shards.values()) <= set(range(1, count + 1))
    for group in groups(pieces):
        assert len({shards[nodeid] for nodeid in group & selected}) <= 1
    assert dealt(random.sample(pieces, len(pieces)), count) == shards


@given(st.lists(st.integers(0, 1000), max_size=10), st.integers(1, 4))
def test_no_shard_is_longer_than_the_shortest_one_and_its_own_last_piece(times: list[int], count: int) -> None:
    """What every list schedule holds."""
    pieces = [Piece(nodeid=id, milliseconds=time) for id, time in zip(IDS, times, strict=False)]
    loads = Counter(dict.fromkeys(range(1, count + 1), 0))
    for piece in pieces:
        loads[dealt(pieces, count)[piece.nodeid]] += max(piece.milliseconds or 0, 1)
    assert max(loads.values()) - min(loads.values()) <= max([*times, 1])


def test_the_longest_goes_first_and_more_shards_than_pieces_stay_empty() -> None:
    pieces = [Piece(nodeid=id, milliseconds=time) for id, time in zip(IDS, (5, 4, 3, 3, 3), strict=False)]
    assert [dealt(pieces, 2)[piece.nodeid] for piece in pieces] == [1, 2, 2, 1, 2]
    assert sorted(dealt(pieces, 9).values()) == [1, 2, 3, 4, 5]


def test_what_nobody_has_timed_counts_as_the_median_and_no_time_as_a_little() -> None:
    timed = [Piece(nodeid="a", milliseconds=100), Piece(nodeid="b", milliseconds=300), Piece(nodeid="c")]
    assert dealt(timed, 2) == {"a": 2, "b": 1, "c": 2}
    assert dealt([Piece(nodeid="a"), Piece(nodeid="b", milliseconds=DEFAULT_RUNTIME_MS)], 1) == {"a": 1, "b": 1}
    assert sorted(dealt([Piece(nodeid=id, milliseconds=0) for id in "abcd"], 2).values()) == [1, 1, 2, 2]


def test_one_that_is_not_selected_still_hands_on_what_hangs_on_it() -> None:
    chain = [
        Piece(nodeid="a"),
        Piece(nodeid="b", bonds=(("item", "a"),), selected=False),
        Piece(nodeid="c", bonds=(("item", "b"),)),
        Piece(nodeid="d"),
    ]
    assert dealt(chain, 2) == {"a": 1, "c": 1, "d": 2}
