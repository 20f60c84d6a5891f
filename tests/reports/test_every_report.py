"""What holds for every format in the registry, from the day it is added, and for the texts of the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import pytest
from builders import a_report, a_result
from golden_reports import FOLDER, GOLDEN, the_report
from hostile_report import a_hostile_report, payloads
from hypothesis import given, settings
from report_strategies import tallies

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.report import Report
from pytest_subagents.reports.registry import ADDRESSES, format_of
from pytest_subagents.reports.terminal_text import failure_lines

SUFFIXES = sorted(ADDRESSES)


def _failures(report: Report) -> str:
    return "\n".join(line for row in report.agents for line in failure_lines(row))


RENDERINGS: dict[str, Callable[[Report], str]] = {
    **GOLDEN,
    **{suffix: format_of(PurePath(f"x{suffix}")).render for suffix in SUFFIXES},
    "failure_lines": _failures,
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_text_is_that_of_the_golden_file(name: str) -> None:
    assert GOLDEN[name](the_report()) == (FOLDER / name).read_bytes().decode("utf-8")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_format_knows_its_name_and_suffix(suffix: str) -> None:
    format = format_of(PurePath(f"Report{suffix.upper()}"))
    assert (format.suffix, format.name) == (suffix, suffix[1:])
    assert suffix in {PurePath(name).suffix for name in GOLDEN}


@pytest.mark.parametrize(
    ("path", "what"),
    [("out/report.xlsx", "no report format has the suffix '.xlsx'"), ("report", "its name has no suffix")],
)
def test_a_suffix_without_a_format_is_told_with_those_that_have_one(path: str, what: str) -> None:
    with pytest.raises(BadUsage) as raised:
        format_of(PurePath(path))
    assert str(raised.value) == f"{path}: {what}\n  hint: use one of: .html, .json, .md"


@pytest.mark.parametrize("name", RENDERINGS)
@pytest.mark.parametrize("payload", payloads().values(), ids=payloads())
def test_no_payload_leaves_anything_that_a_terminal_obeys(payload: str, name: str) -> None:
    text = RENDERINGS[name](a_hostile_report(payload))
    categories = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert {hex(ord(char)) for char in set(text) - {"\n", "\t"} if unicodedata.category(char) in categories} == set()
    assert not [line for line in text.split("\n") if line.strip().startswith("::") or "##[" in line]
    text.encode("utf-8")


@pytest.mark.parametrize("name", RENDERINGS)
@pytest.mark.parametrize("payload", ["x", "a\nb", "\x1b[2J", "`" * 9])
def test_a_payload_adds_no_line_of_its_own(payload: str, name: str) -> None:
    """Blocks of several lines aside, which have a fence or an indent of their own, and texts that are wrapped."""
    benign = RENDERINGS[name](a_hostile_report("y")).count("\n")
    assert RENDERINGS[name](a_hostile_report(payload)).count("\n") - benign <= 20 * payload.count("\n")


@settings(max_examples=50)
@given(tallies)
def test_every_report_can_be_rendered_and_equal_reports_give_equal_text(tally: Tally) -> None:
    for render in RENDERINGS.values():
        assert render(report_of(tally)) == render(report_of(tally))


@pytest.mark.parametrize("name", RENDERINGS)
def test_what_is_no_unicode_text_is_rendered_all_the_same(name: str) -> None:
    broken: dict[str, Any] = {"summary": "\ud800", "answer": {"\udfff": "\ud800"}, "transcript": "caf\udce9"}
    RENDERINGS[name](a_report(a_result("a", **broken))).encode("utf-8")


@pytest.mark.parametrize("name", RENDERINGS)
def test_a_report_of_nothing_is_rendered(name: str) -> None:
    assert isinstance(RENDERINGS[name](report_of(Tally())), str)
