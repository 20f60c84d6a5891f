"""Pages as files: written by a run and by the command, the same ones, and without what an earlier report left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import a_report, a_result
from page_reading import Given

from pytest_subagents.conclude import write_reports
from pytest_subagents.model import event
from pytest_subagents.model.evidence import RunEvidence, Said


def _said(number: int) -> Given:
    def said() -> Iterator[Said]:
        return (event.Notice(line=line, message="x" * 100) for line in range(1, number))

    return Given(RunEvidence(said=said))


def test_pages_of_an_earlier_report_go_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_subagents.reports.html.room.HTML_BYTES", 50_000)
    page, folder = tmp_path / "r.html", tmp_path / "r-data"
    write_reports(a_report(a_result("a")), [page], below=tmp_path, evidence=lambda _: _said(900))
    assert [path.name for path in folder.iterdir()] == ["agent-a-steps.html"]
    (folder / "mine.html").write_text("<p>")
    write_reports(a_report(a_result("b")), [page], below=tmp_path, evidence=lambda _: _said(900))
    assert sorted(path.name for path in folder.iterdir()) == ["agent-b-steps.html", "mine.html"]
    (folder / "mine.html").unlink()
    write_reports(a_report(a_result("b")), [page], below=tmp_path, evidence=lambda _: _said(3))
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_a_report_of_text_alone_asks_for_no_evidence(tmp_path: Path) -> None:
    def asked(_: object) -> Given:
        raise AssertionError

    paths = [tmp_path / "r.json", tmp_path / "r.md"]
    assert write_reports(a_report(a_result()), paths, below=tmp_path, evidence=asked) == tuple(paths)


def test_a_link_in_the_place_of_the_folder_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_subagents.errors import BadUsage

    monkeypatch.setattr("pytest_subagents.reports.html.room.HTML_BYTES", 50_000)
    (tmp_path / "other").mkdir()
    (tmp_path / "r-data").symlink_to("other")
    with pytest.raises(BadUsage, match="cannot be written"):
        write_reports(a_report(a_result()), [tmp_path / "r.html"], below=tmp_path, evidence=lambda _: _said(900))
    assert list((tmp_path / "other").iterdir()) == []
