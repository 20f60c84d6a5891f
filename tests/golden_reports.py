"""The golden files of the report: what they are made of, and how they are made anew.

After a change that is meant: `PYTHONPATH=.:tests python tests/golden_reports.py`, and read the diff.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from builders import a_report

from pytest_subagents.model.report import Report
from pytest_subagents.reports.html.html_report import HtmlReport
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.reports.markdown import MarkdownReport
from pytest_subagents.reports.show_text import show_lines
from pytest_subagents.reports.terminal_text import summary_lines

FOLDER = Path(__file__).parent / "reports" / "golden"


def the_report() -> Report:
    """Of a team in which everything happens that can be shown."""
    gates = ["failed <= 0", "findings.critical <= 1", "status >= partial", "new_findings == 0"]
    return a_report(gates=gates, deselected=["subagents.yaml::docs"])


def _terminal(report: Report) -> str:
    written = ("artifacts/subagents/report.json", "out/report.md")
    return "\n".join(line.text for line in summary_lines(report, written=written)) + "\n"


def _show(report: Report) -> str:
    return "\n\n\n".join("\n".join(line.text for line in show_lines(row)) for row in report.agents) + "\n"


GOLDEN: Mapping[str, Callable[[Report], str]] = {
    "report.html": HtmlReport().render,
    "report.json": JsonReport().render,
    "report.md": MarkdownReport().render,
    "terminal.txt": _terminal,
    "show.txt": _show,
}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, render in GOLDEN.items():
        (FOLDER / name).write_text(render(the_report()), encoding="utf-8")
