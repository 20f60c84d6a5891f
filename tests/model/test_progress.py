"""Sums over what subagents have spent, and a run that nothing goes on in."""

from __future__ import annotations

from progress_cases import a_run, an_agent, ended

from pytest_subagents.model.progress import Spent, cut_off, in_order, spent_by


def test_what_is_not_known_makes_a_sum_a_part_of_one() -> None:
    told, silent = an_agent("told", tokens=100, usd=0.5), an_agent("silent", tokens=20)
    assert spent_by([told, silent]) == Spent(tokens=120, usd=0.5, all_tokens=True, all_usd=False)
    assert spent_by([silent]) == Spent(tokens=20, usd=None, all_tokens=True, all_usd=False)
    assert spent_by([told, an_agent("later", "waiting")]) == Spent(tokens=100, usd=0.5)
    assert spent_by([]) == Spent()


def test_they_are_in_the_order_of_their_start_and_who_waits_comes_last() -> None:
    agents = [
        an_agent("b", "waiting"),
        an_agent("a", "waiting"),
        an_agent("z", started=2.0),
        an_agent("y", started=1.0),
    ]
    assert [agent.id for agent in in_order(agents)] == ["y", "z", "a", "b"]


def test_in_a_run_that_was_cut_off_everybody_has_ended_and_nobody_knows_how() -> None:
    run = a_run(an_agent("runs", did="ran ls"), an_agent("waits", "waiting"), ended("did", "success"))
    did, runs, waits = cut_off(run, 1_050.0).agents
    assert (runs.state, runs.status, runs.ended, runs.did) == ("ended", "", 1_050.0, "ran ls")
    assert (waits.state, waits.status, waits.ended) == ("ended", "", None)
    assert did == ended("did", "success")
