"""Options: command line over environment over ini over default, and the header says which."""

from __future__ import annotations

import sys

import pytest
from team import Team


@pytest.fixture
def one(team: Team) -> Team:
    team.workflow("id: a, instructions: Do.")
    team.record("team/a", {"status": "partial", "summary": "s", "findings": []})
    return team


def test_the_header_names_what_is_not_the_default_and_where_it_came_from(
    one: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    one.write(
        "pytest.ini", "[pytest]\nsubagents_gate = failed <= 0\nsubagents_partial = fail\nsubagents_stale = fail\n"
    )
    result = one.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["subagents: mode=replay, gate=failed <= 0 (ini subagents_gate), partial=fail (ini subagents_partial)*"]
    )
    monkeypatch.setenv("SUBAGENTS_PARTIAL", "pass")
    monkeypatch.setenv("SUBAGENTS_GATE", "partial <= 0, failed <= 0")
    result = one.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["subagents: *gate=partial <= 0, failed <= 0 (SUBAGENTS_GATE)*"])
    assert one.run("--subagents-gate=partial <= 1").ret == 0


def test_the_header_names_each_once(one: Team) -> None:
    result = one.run("--subagents-vendor=claude", "--subagents-model=m", "--subagents-gate=failed <= 0")
    told = "gate=failed <= 0 (--subagents-gate), vendor=claude (--subagents-vendor), model=m (--subagents-model)"
    result.stdout.fnmatch_lines([f"subagents: mode=replay, {told}"])


def test_nothing_is_said_of_defaults(one: Team) -> None:
    one.run().stdout.fnmatch_lines(["subagents: mode=replay"])


def test_further_reports_are_written_from_the_current_folder(one: Team) -> None:
    (one.path / "sub").mkdir()
    result = one.pytester.run(
        "sh",
        "-c",
        f"cd sub && {sys.executable} -m pytest --subagents .. --subagents-report=out/r.md --subagents-report=r.json",
    )
    assert result.ret == 0
    assert (one.path / "sub/r.json").read_text(encoding="utf-8") == one.report_text()
    assert "partial" in (one.path / "sub/out/r.md").read_text(encoding="utf-8")


def test_a_file_that_pytest_writes_too_is_refused(one: Team) -> None:
    result = one.run("--junitxml=out/x.xml", f"--subagents-report={one.path}/out/../out/x.xml")
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        [
            "ERROR: out/x.xml: --junitxml writes that file too, and one of the two would be lost",
            "*hint: name another path",
        ]
    )
    assert not (one.path / "out").exists()


def test_the_folder_of_the_report_is_an_ini_key(one: Team) -> None:
    one.write("pytest.ini", "[pytest]\nsubagents_report_dir = build/reports\n")
    one.run()
    assert (one.path / "build/reports/report.json").is_file()
    assert not (one.path / "artifacts").exists()


def test_a_report_never_follows_a_link_that_stands_in_its_place(one: Team) -> None:
    victim = one.write("victim.txt", "precious")
    folder = one.path / "artifacts/subagents"
    folder.mkdir(parents=True)
    (folder / "report.json").symlink_to(victim)
    one.run()
    assert victim.read_text(encoding="utf-8") == "precious"
    assert one.report()["status"] == "partial"


@pytest.mark.parametrize("link", ["artifacts", "artifacts/subagents"])
def test_a_report_never_follows_a_link_on_the_way_to_its_place(one: Team, link: str) -> None:
    victim = one.write("elsewhere/subagents/report.json", "precious")
    (one.path / link).parent.mkdir(exist_ok=True)
    (one.path / link).symlink_to(victim.parents[1] if link == "artifacts" else victim.parent)
    result = one.run("--subagents-report=artifacts/more/report.md")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    words = f"the report cannot be written: it is a link or no folder ({link})"
    result.stderr.fnmatch_lines([f"ERROR: *artifacts/subagents/report.json: {words.replace('[', '[[]')}"])
    assert victim.read_text(encoding="utf-8") == "precious"
    assert sorted(path.name for path in (one.path / "elsewhere").rglob("*")) == ["report.json", "subagents"]


def test_where_it_cannot_be_written_nothing_runs(one: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is a file, which stops root too, whom no permission would."""
    one.write("artifacts", "in the way")
    result = one.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *artifacts/subagents/report.json: the report cannot be written: *"])
    assert "passed" not in result.stdout.str()


@pytest.mark.parametrize("variable", ["SUBAGENTS_MODE", "SUBAGENTS_VERDICT", "SUBAGENTS_SNAPSHOT", "SUBAGENTS_STALE"])
def test_a_bad_value_names_its_variable(one: Team, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "nonsense")
    result = one.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {variable}: 'nonsense' *"])


def test_an_option_without_a_value_is_a_mistake_and_not_left_out(one: Team) -> None:
    """`--subagents-gate=$GATE` in a CI job in which GATE is not set."""
    for option in ("gate", "report", "baseline", "budget", "shard", "vendor", "mode"):
        result = one.run(f"--subagents-{option}=", *(["-n", "2"] if option == "gate" else []))
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"ERROR: --subagents-{option}: its value is empty", "  hint: give it one*"])
    assert not (one.path / "artifacts").exists()


def test_a_mistake_is_told_with_the_place_it_was_made_in(one: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    one.write("pytest.ini", "[pytest]\nsubagents_gate = faild <= 0\n")
    one.run().stderr.fnmatch_lines(
        ["ERROR: ini subagents_gate: no metric is called 'faild'", "*did you mean 'failed'*"]
    )
    one.write("pytest.ini", "[pytest]\nsubagents_report_dir = a\0b\n")
    one.run().stderr.fnmatch_lines(["ERROR: ini subagents_report_dir: it has a NUL character"])
    monkeypatch.setenv("SUBAGENTS_SNAPSHOT", "maybe")
    one.run().stderr.fnmatch_lines(["ERROR: SUBAGENTS_SNAPSHOT: 'maybe' is no boolean", "  hint: use 1 or 0"])
    monkeypatch.setenv("SUBAGENTS", "maybe")
    result = one.run(on=False)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: SUBAGENTS: 'maybe' is no boolean", "  hint: use 1 or 0"])


def test_a_number_of_the_ini_file_is_one(one: Team) -> None:
    one.write("pytest.ini", "[pytest]\nsubagents_max_concurrency = 3\n")
    one.run().stdout.fnmatch_lines(["subagents: mode=replay, max_concurrency=3 (ini subagents_max_concurrency)"])
    one.write("pytest.ini", "[pytest]\nsubagents_max_concurrency = some\n")
    result = one.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: ini subagents_max_concurrency: 'some' is no whole number above 0"])
