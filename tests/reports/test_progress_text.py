"""What people who watch a live run read: it fits, tells what matters first, and moves no cursor."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from progress_cases import HOSTILE, a_run, an_agent, ended, runs

from pytest_subagents.model.progress import AgentProgress, RunProgress
from pytest_subagents.reports.cells import cells
from pytest_subagents.reports.progress_text import progress_line, progress_table, short_time

MATH = an_agent("math", turns=3, tokens=12_345, usd=0.0412, did="ran pytest -q")
SILENT = an_agent("silent", started=1_040.0)
TEAM = (
    ended("old", "success", tokens=5_200),
    ended("storage", "failed", ended=1_015.0, tokens=96_100, usd=1.5, did="contract: /summary is required"),
    ended("part", "partial", tokens=10),
    ended("gone", "not_run", started=None, ended=1_001.0, did="the budget is spent"),
    an_agent("next", "waiting"),
    an_agent("again", "backing off", attempt=2, did="failed: 429"),
    MATH,
    SILENT,
)
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def table(run: RunProgress, *, width: int = 100, height: int | None = None, now: float = 1_080.0) -> list[str]:
    return [line.plain for line in progress_table(run, now, width=width, height=height)]


def test_who_runs_comes_first_then_who_waits_then_what_ended_worst() -> None:
    assert table(a_run(*TEAM, planned=9, done=4)) == [
        " status       subagent   time  turns   tokens     usd  last",
        " backing off  again     1m20s               –       –  try 2: failed: 429",
        " running      math      1m20s      3    12.3k   $0.04  ran pytest -q",
        " running      silent      40s               –       –",
        " waiting      next",
        " FAILED       storage     15s           96.1k   $1.50  contract: /summary is required",
        " NOT RUN      gone                                     the budget is spent",
        " PARTIAL      part        30s              10       –",
        " success      old         30s            5200       –",
        "              total     1m40s         ≥113.7k  ≥$1.54  4 of 9 done, 1 backing off, 2 running, 1 wai…",
    ]


def test_a_narrow_terminal_goes_without_what_matters_least() -> None:
    run = a_run(MATH, ended("storage", "failed", tokens=1))
    assert table(run, width=40) == [
        " subagent   time  tokens  last",
        " math      1m20s   12.3k  ran pytest -q",
        " storage     30s       1  FAILED",
        " total     1m40s   12.3k  0 of 2 done, …",
    ]
    assert table(run, width=66)[1] == " running  math      1m20s   12.3k  ran pytest -q"
    assert table(run, width=74)[1] == " running  math      1m20s   12.3k   $0.04  ran pytest -q"
    assert table(run, width=82)[1] == " running  math      1m20s      3   12.3k   $0.04  ran pytest -q"


def test_columns_for_turns_and_dollars_are_there_once_somebody_has_told_them() -> None:
    assert table(a_run(SILENT))[0] == " status   subagent   time  tokens  last"
    assert table(a_run(MATH))[0] == " status   subagent   time  turns  tokens    usd  last"


def test_of_many_those_that_run_are_shown_and_the_others_counted() -> None:
    many = [ended(f"e{number:02}", "success", ended=1_030.0 + number) for number in range(56)]
    lines = table(a_run(*many, *(an_agent(f"r{number}") for number in range(4))), height=10)
    assert len(lines) == 10
    assert [line.split()[1] for line in lines[1:8]] == ["r0", "r1", "r2", "r3", "e55", "e54", "e53"]
    assert lines[8] == " and 53 more: 53 success"
    assert lines[9].split()[0] == "total"


def test_what_runs_and_does_not_fit_is_counted_too() -> None:
    lines = table(a_run(*(an_agent(f"r{number}") for number in range(60))), height=1)
    assert [line.strip() for line in lines[2:3]] == ["and 59 more: 59 running"]
    assert len(lines) == 4


def test_a_row_that_was_cut_off_says_so() -> None:
    assert table(a_run(an_agent("lost", "ended", ended=1_010.0)))[1] == " CUT OFF  lost        10s       –"


def test_colour_is_never_all_that_tells() -> None:
    """The status of each row is a word; only that word, or the whole of a row that is no subagent's, has a style."""
    for line in progress_table(a_run(*TEAM), 1_080.0, width=100)[1:-1]:
        assert all(line.plain[span.start : span.end].strip() in line.plain[:14] for span in line.spans if span.style)


@pytest.mark.parametrize("width", [*range(40, 201, 8), 20, 1])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    wide = an_agent("日本語/" * 20, did="レビュー" * 30)
    lines = table(a_run(*TEAM, wide, an_agent(HOSTILE, did=HOSTILE)), width=width)
    assert max(map(cells, lines)) <= width


@given(runs, st.integers(1, 220), st.integers(1, 30) | st.none(), st.sampled_from([0.0, 1_100.0, 1e300]))
def test_any_run_fits_into_any_terminal_and_moves_no_cursor(
    run: RunProgress, width: int, height: int | None, now: float
) -> None:
    lines = table(run, width=width, height=height, now=now)
    assert all(cells(line) <= width and not UNSAFE.search(line) for line in lines)
    assert height is None or len(lines) <= max(height, 4)
    left_out = [line for line in lines if line.startswith(" and ")]
    if height is None:
        assert len(lines) == len(run.agents) + 2
        assert not left_out
    line = progress_line(run, now)
    assert not UNSAFE.search(line)


@given(st.lists(st.sampled_from(TEAM), max_size=30), st.integers(4, 20))
def test_nobody_is_lost(agents: list[AgentProgress], height: int) -> None:
    _header, *rows, _total = table(a_run(*agents), height=height)
    more = re.match(r" and (\d+) more: ", rows[-1]) if rows else None
    hidden = int(more[1]) if more else 0
    assert len(rows) - (more is not None) + hidden == len(agents)
    assert hidden != 1 or height == 4 or len(agents) > height - 2


def test_one_line_names_who_runs_and_counts_the_rest() -> None:
    assert progress_line(a_run(*TEAM, planned=9, done=4), 1_080.0) == (
        "3 running: again 1m20s (failed: 429), math 1m20s 12.3k tokens (ran pytest -q), silent 40s; 1 waiting; "
        "4 of 9 done; ≥113.7k tokens, ≥$1.54"
    )
    many = a_run(*(an_agent(f"r{number:02}") for number in range(60)))
    assert progress_line(many, 1_080.0) == "60 running: r00 1m20s, r01 1m20s, r02 1m20s and 57 more; 0 of 60 done"
    assert progress_line(a_run(), 1_080.0) == "0 of 0 done"


def test_one_line_stays_one_and_short() -> None:
    line = progress_line(a_run(*(an_agent(HOSTILE * 20, did=HOSTILE * 20) for _ in range(9))), 1_080.0)
    assert not UNSAFE.search(line)
    assert cells(line) < 400


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-5, "0s"), (0.9, "0s"), (59.9, "59s"), (60, "1m00s"), (185, "3m05s"), (7_500, "2h05m"), (float("nan"), "0s")],
)
def test_times_are_told_in_whole_seconds(seconds: float, told: str) -> None:
    assert short_time(seconds) == told
