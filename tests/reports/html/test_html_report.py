"""The page of a report: its structure, what is where, and what it never has."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from builders import a_planned, a_report, a_result
from golden_reports import the_report
from hostile_report import a_hostile_report, payloads
from hypothesis import given, settings
from page_reading import Given, Page, pages
from report_strategies import tallies

from pytest_subagents.aggregate.baseline import against
from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.model import event
from pytest_subagents.model.attempts import Attempt, PassRate
from pytest_subagents.model.evidence import ChangedFile, RunEvidence, Schedule, Span
from pytest_subagents.model.limits import HTML_ELEMENTS, HTML_FINDINGS
from pytest_subagents.model.outcome import Change, CheckRecord, Usage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report, ReportMerge
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.verdict import Finding
from pytest_subagents.reports.html.html_report import HtmlReport
from pytest_subagents.reports.html.script import SCRIPT
from pytest_subagents.reports.html.shell import POLICY
from pytest_subagents.reports.html.style import STYLE

NOTHING = Given(RunEvidence(no_transcript="The transcript was not kept."))
PATCH = """diff --git a/src/a.py b/src/a.py
index 1..2 100644
--- a/src/a.py
+++ b/src/a.py
@@ -1,2 +1,2 @@ def a
 same
-old <b>
+new <b>
"""


def _page(report: Report, evidence: Given = NOTHING) -> Page:
    return Page(HtmlReport().render(report) if evidence is NOTHING else pages(report, evidence)["r.html"])


def test_a_page_is_whole_and_leads_nowhere_else() -> None:
    page = _page(the_report())
    assert list(page.problems()) == []
    assert all(link.startswith("#") for link in page.links)
    assert page.elements[0][0] == "html"
    assert page.elements[0][1] == {"lang": "en"}


def test_the_policy_comes_first_and_lets_in_what_the_page_has_and_nothing_else() -> None:
    text = HtmlReport().render(the_report())
    metas = [attributes for tag, attributes in Page(text).elements if tag == "meta"]
    assert "charset" in metas[0]
    assert metas[1] == {"http-equiv": "Content-Security-Policy", "content": POLICY}
    for tag, source in (("script", SCRIPT), ("style", STYLE)):
        found = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.S)
        assert found == [source]
        digest = base64.b64encode(hashlib.sha256(found[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in POLICY
    assert "default-src 'none'" in POLICY
    assert "unsafe" not in POLICY
    assert "http:" not in text.replace('"http-equiv', "")
    assert "https:" not in text


def test_our_own_parts_stay_within_their_size() -> None:
    assert len(SCRIPT) <= 15_000
    assert len(SCRIPT) + len(STYLE) <= 40_000


@settings(max_examples=30)
@given(tallies)
def test_every_report_is_a_page_and_the_same_one_each_time(tally: Tally) -> None:
    report = report_of(tally)
    evidence = Given(
        RunEvidence(), Schedule(kind="simulated", critical=tuple(row.planned.nodeid for row in report.agents))
    )
    found = pages(report, evidence)
    assert found == pages(report, evidence)
    assert list(Page(found["r.html"]).problems()) == []


@pytest.mark.parametrize("payload", payloads().values(), ids=payloads())
def test_no_payload_adds_an_element(payload: str) -> None:
    """But for names in boxes, a direction of its own, and what unfolds, of a text of many lines."""
    short = payload[:200].replace("\n", " ")
    hostile, benign = _page(a_hostile_report(short)), _page(a_hostile_report("y" * len(short)))
    assert list(hostile.problems()) == []
    assert hostile.tags_but("b", "bdi") == benign.tags_but("b", "bdi")
    assert list(_page(a_hostile_report(payload)).problems()) == []


@pytest.mark.parametrize(
    ("status", "words", "shape"),
    [
        ("success", "Success", "i-success"),
        ("partial", "Partial", "i-partial"),
        ("failed", "Failed", "i-failed"),
        ("not_run", "Not run", "i-not_run"),
    ],
)
def test_a_status_is_a_word_and_a_shape(status: str, words: str, shape: str) -> None:
    kind = {"partial": "incomplete", "failed": "contract", "not_run": "stopped"}.get(status)
    page = _page(a_report(a_result("math", kind=kind)))
    assert words in page.text
    assert f"#{shape}" in page.links
    assert shape in page.ids


def test_what_came_out_as_expected_says_so() -> None:
    planned = a_planned("math", expects="failed")
    page = _page(a_report(a_result("math", planned=planned, kind="contract", expected=True)))
    assert "Failed, as expected" in page.text
    assert "Nothing needs attention. 0 of 1 subagent succeeded, 1 ended as expected." in page.text


@pytest.mark.parametrize(
    ("report", "title", "sentence"),
    [
        (a_report(a_result()), "Subagents: all subagents succeeded", "1 of 1 subagent succeeded."),
        (
            a_report(a_result(), a_result("b", kind="contract")),
            "Subagents: needs attention",
            "1 of 2 subagents succeeded",
        ),
        (a_report(a_result(kind="stopped")), "Subagents: nothing ran", "1 did not run."),
        (a_report(a_result(kind="contract", expected=True)), "Subagents: nothing needs attention", "0 of 1 subagent"),
        (a_report(a_result(), cut_short=True), "Subagents: stopped early", "The run was cut short"),
        (a_report(a_result(), gates=["findings > 0"]), "Subagents: needs attention", "1 gate failed."),
    ],
)
def test_the_title_says_how_it_ended(report: Report, title: str, sentence: str) -> None:
    page = _page(report)
    assert page.text.count(title) == 2  # of the tab, and of the page
    assert sentence in page.text


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (
            a_report(a_result(), gates=["failed <= 0"]),
            "Nothing needs attention. All 1 subagent succeeded and every gate",
        ),
        (a_report(a_result(), a_result("b")), "No findings. 2 subagents ran and none reported any."),
        (a_report(a_result(kind="stopped")), "No findings were collected: no subagent ran."),
        (a_report(a_result(kind="stopped")), "There is no answer, diff or transcript."),
        (a_report(a_result()), "No files changed."),
        (a_report(a_result(planned=a_planned(scope=Scope(write=("src/",))))), "Changes were not recorded"),
        (a_report(a_result(answer=None)), "There is no answer."),
        (a_report(a_result()), "The subagent did not report usage."),
        (a_report(a_result(runtime_ms=5)), "The subagent did not report tokens or cost."),
        (a_report(a_result()), "No subagent needs another one."),
        (a_report(a_result()), "How long they took was not recorded."),
    ],
)
def test_what_is_not_there_is_said_in_words(report: Report, words: str) -> None:
    assert words in _page(report).text


def test_a_missing_transcript_says_why() -> None:
    assert "The transcript was not kept." in Page(pages(a_report(a_result()), NOTHING)["r.html"]).text


def test_a_violation_stands_beside_the_value_that_it_is_about() -> None:
    text = HtmlReport().render(a_report(*(row for row in the_report().agents if row.planned.id == "app")))
    line = next(
        line
        for line in text.replace("<span", "\n<span").split("\n")
        if "&quot;severe&quot;" in line and "bad-value" in line
    )
    assert "is not one of" in line
    assert "Schema violations" in text


def test_a_diff_has_numbers_and_marks_what_is_outside_the_scope() -> None:
    reason = Reason(kind="scope", message="it changed src/a.py", at="src/a.py")
    row = a_result(status="failed", reasons=(reason,), changes=(Change(path="src/a.py", kind="update"),))
    file = ChangedFile(path="src/a.py", added=1, removed=1, binary=False, text=PATCH)
    text = pages(a_report(row), Given(RunEvidence(files=(file,), patched=True)))["r.html"]
    assert "outside its scope" in text
    assert 'class=d data-o="2"><i data-n=""></i>-old &lt;b&gt;' in text
    assert 'class=a data-o=""><i data-n="2"></i>+<i class=cw>new</i> &lt;b&gt;' in text
    assert "1 file, +1 −1, 1 outside its scope" in text


def test_a_long_diff_is_whole_on_a_page_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_subagents.reports.html.changes.HTML_DIFF_ALL_LINES", 8)
    files = tuple(
        ChangedFile(path=f"src/{name}.py", added=1, removed=1, binary=False, text=PATCH.replace("a.py", f"{name}.py"))
        for name in "abc"
    )
    found = pages(a_report(a_result()), Given(RunEvidence(files=files, patched=True)))
    assert set(found) == {"r.html", "r-data/agent-math-changes.html"}
    main, beside = Page(found["r.html"]), Page(found["r-data/agent-math-changes.html"])
    assert "This diff has 24 lines, and is in a separate file: all changes." in main.text
    assert "r-data/agent-math-changes.html" in main.links
    assert main.text.count("+new") == 1
    assert beside.text.count("+new") == 3
    assert list(beside.problems()) == []
    alone = pages(a_report(a_result()), Given(RunEvidence(files=files, patched=True)), beside=False)
    assert "… and 2 more files, not shown." in Page(alone["r.html"]).text


def test_findings_that_are_too_many_are_all_on_a_page_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_subagents.reports.html.findings.HTML_FINDINGS", 2)
    finding = tuple(Finding(severity="high", file=f"{name}.py", line=1, title=f"<{name}>") for name in "abcd")
    found = pages(a_report(a_result(findings=finding)), NOTHING)
    main, beside = Page(found["r.html"]), Page(found["r-data/findings.html"])
    assert "… and 2 more findings: all findings." in main.text
    assert "<d>" not in main.text.partition("Each subagent")[0]
    assert all(f"<{name}>" in beside.text for name in "abcd")
    assert "../r.html#agent-math" in beside.links
    assert list(beside.problems()) == []


def test_a_prompt_is_shown_or_why_not() -> None:
    told = RunEvidence(prompt="All of <it>.", instructions="It.")
    page = _page(a_report(a_result()), Given(told))
    assert "All of <it>." in page.text
    assert "Prompt 3 words" in page.text
    bare = _page(a_report(a_result()), Given(RunEvidence(no_prompt="Because.", instructions="It.")))
    assert "Because. The whole prompt: subagents show math --prompt" in bare.text
    marked = _page(a_report(a_result()), Given(RunEvidence(no_prompt="Because.")))
    assert "--prompt" not in marked.text


def test_very_many_subagents_are_a_page_of_so_many_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of 1,000, with a fifth of the room."""
    monkeypatch.setattr("pytest_subagents.reports.html.room.HTML_ELEMENTS", HTML_ELEMENTS // 5)
    monkeypatch.setattr("pytest_subagents.reports.html.findings.HTML_FINDINGS", HTML_FINDINGS // 5)
    findings = tuple(Finding(severity="low", file=f"{n}.py", line=n, title="It is so", detail="d") for n in (1, 2))
    rows = [a_result(f"a{number}", findings=findings, kind=None if number % 9 else "scope") for number in range(200)]
    events = [event.Command(line=number, command="ls", phase="end", output="a\nb") for number in range(20)]
    evidence = Given(RunEvidence(said=lambda: iter(events), prompt="p", instructions="i"))
    main = Page(pages(a_report(*rows), evidence)["r.html"])
    assert HTML_ELEMENTS // 5 * 0.9 < len(main.elements) <= HTML_ELEMENTS // 5


def test_checks_are_told_with_what_they_printed() -> None:
    checks = (CheckRecord(run="pytest -q", exit_code=1, output="1 failed"), CheckRecord(run="ruff", exit_code=0))
    page = _page(a_report(a_result(kind="checks")), Given(RunEvidence(checks=checks)))
    assert "1 of 2 passed" in page.text
    assert "1 failed" in page.text


def test_attempts_stand_beside_each_other() -> None:
    lost = Reason(kind="lost", message="attempt 2 is better", at_most="not_run")
    runs = (
        Attempt(nodeid="w::math[1]", number=1, status="failed", reasons=(lost,), runtime_ms=5, usage=Usage(usd=0.5)),
        Attempt(nodeid="w::math[2]", number=2, status="success", selected=True),
    )
    page = _page(a_report(a_result(attempts=runs)))
    assert "attempt 2 is better" in page.text
    assert "selected" in page.text
    assert {"agent-math-run-1", "agent-math-run-2"} <= set(page.ids)
    rate = PassRate(passed=1, of=2, rate=0.5, low=0.1, high=0.9)
    assert "1 of 2 passed, 50 %" in _page(a_report(a_result(attempts=runs, pass_rate=rate))).text


def test_a_timeline_says_where_its_times_are_from() -> None:
    spans = {"subagents.yaml::math": Span(start=0, end=90_000, worker="gw1")}
    live = _page(a_report(a_result()), Given(RunEvidence(), Schedule(kind="measured", spans=spans, at_once=2)))
    assert "Success · 1m30s · gw1" in live.text
    assert "As it was in the live run" in live.text
    for assumed, words in ((0, "as the workflow says"), (4, "assumed, as no"), (1, "1 of them assumed")):
        schedule = Schedule(kind="simulated", spans=spans, at_once=4, assumed=assumed)
        replay = _page(a_report(a_result()), Given(RunEvidence(), schedule))
        assert "Replayed, so nothing ran" in replay.text
        assert f"4 at a time ({words}" in replay.text


def test_a_merge_names_whom_it_left_out() -> None:
    merge = ReportMerge(workflow="w", tree="1" * 40, merged=("math",), left_out=("app",), why="a conflict")
    page = _page(replace(the_report(), merges=(merge,)))
    assert "Left out: app." in page.text
    assert list(page.problems()) == []


def test_one_finding_of_two_subagents_is_one() -> None:
    finding = the_report().agents[3].findings or next(row.findings for row in the_report().agents if row.findings)
    page = _page(a_report(a_result("a", findings=finding[:1]), a_result("b", findings=finding[:1])))
    assert "1 finding in 1 file" in page.text


def test_against_a_baseline_it_says_what_is_new_and_what_is_gone() -> None:
    old, gone, new = (Finding(severity="high", file=f"src/{name}.py", line=1, title=f"<b>{name}") for name in "abc")
    before = a_report(a_result(findings=(old, gone)))
    page = _page(against(a_report(a_result(findings=(old, new))), before))
    assert list(page.problems()) == []
    assert "Against the baseline: 1 new (1 high), 1 known, 1 fixed." in page.text
    assert "New <b>c" in page.text
    assert "New <b>a" not in page.text
    assert "Fixed since the baseline (1)" in page.text
    assert "High, src/b.py:1: <b>b (math)" in page.text
    cleaned = _page(against(a_report(a_result()), before))
    assert "Against the baseline: 0 new, 0 known, 2 fixed." in cleaned.text
    assert "baseline" not in _page(before).text.lower()


@pytest.mark.parametrize(
    "ids", [("main", "Main"), ("a b", "a-b"), ("../x", "x"), ("CON", "con"), ("ü", "é"), ("x" * 300, "x" * 301)]
)
def test_anchors_and_names_of_files_are_plain_and_unlike_each_other(ids: tuple[str, str]) -> None:
    page = _page(a_report(*(a_result(id) for id in ids)))
    heads = [attributes["id"] for tag, attributes in page.elements if tag == "h3" and "id" in attributes]
    assert len(set(heads)) == 2
    assert all(head and re.fullmatch(r"agent-[a-z0-9-]{1,80}", head) for head in heads)
