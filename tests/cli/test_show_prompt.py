"""`subagents show AGENT --prompt`, as a person uses it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from builders import a_planned, a_report, a_result
from click.testing import CliRunner, Result

from pytest_subagents.cli import workflow_files
from pytest_subagents.cli.main import commands
from pytest_subagents.cli.workflow_files import FILES
from pytest_subagents.glue.options import DEFAULT_FILES
from pytest_subagents.model.report import Report
from pytest_subagents.reports.json_report import JsonReport

WORKFLOW = """\
workflow:
  name: team
  context: {files: [docs/rules.md]}
agents:
  - id: math
    task: Find gaps
  - id: fix
    instructions: |
      Fix these:
      {{ results.math.summary }}
    scope: {write: [src/**]}
    depends_on: [math]
"""


class Project:
    """A folder with workflow files in it, which is the current one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str = WORKFLOW) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def leaves(self, report: Report, name: str = "artifacts/subagents/report.json") -> None:
        self.write(name, JsonReport().render(report))

    def show(self, *words: str) -> Result:
        return CliRunner().invoke(commands, ["show", *words], prog_name="subagents")

    def refused(self, *words: str) -> tuple[int, list[str]]:
        result = self.show(*words)
        assert result.stdout == ""
        return result.exit_code, result.stderr.splitlines()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    found = Project(tmp_path)
    found.write("docs/rules.md", "Be kind.\n")
    return found


def test_the_prompt_of_an_agent_is_printed(project: Project) -> None:
    project.write("subagents.yaml")
    result = project.show("math", "--prompt")
    assert (result.exit_code, result.stderr) == (0, "")
    for part in ('the workflow "team"', "Be kind.\n", '# Scope of "math"', "Change no file", "# Task\n\nFind gaps\n"):
        assert part in result.stdout
    assert str(project.folder) not in result.stdout
    assert project.show("--prompt", "math").stdout == result.stdout


def test_a_result_that_is_not_known_is_a_placeholder_and_said_to_be(project: Project) -> None:
    project.write("subagents.yaml")
    result = project.show("fix", "--prompt")
    assert "Fix these:\n(not known yet: the summary of 'math' stands here)\n" in result.stdout
    assert result.stderr == "placeholders stand for results that are not known yet: math\n"


def test_results_are_those_of_the_latest_report(project: Project) -> None:
    project.write("subagents.yaml")
    project.leaves(a_report(a_result("math", summary="Three gaps.")))
    result = project.show("fix", "--prompt")
    assert "Fix these:\nThree gaps.\n" in result.stdout
    assert '"summary": "Three gaps."' in result.stdout
    assert result.stderr == ""


def test_or_those_of_another_report(project: Project) -> None:
    project.write("subagents.yaml")
    project.leaves(a_report(a_result("math", summary="Four gaps.")), "other.json")
    assert "Four gaps." in project.show("fix", "--prompt", "--report", "other.json").stdout
    code, lines = project.refused("fix", "--prompt", "--report", "none.json")
    assert (code, lines[0]) == (4, "none.json: there is no report")


def test_a_result_of_another_file_or_of_none_is_no_result(project: Project) -> None:
    project.write("subagents.yaml")
    stranger = a_result("math", planned=a_planned("math", nodeid="other.yaml::math"))
    project.leaves(a_report(stranger))
    assert "placeholders" in project.show("fix", "--prompt").stderr
    project.leaves(a_report(a_result("math", kind="stopped")))
    assert "placeholders" in project.show("fix", "--prompt").stderr


@pytest.mark.parametrize("name", ["review.subagents.yml", "a/b/subagents.yaml"])
def test_workflow_files_are_found_where_pytest_finds_them(project: Project, name: str) -> None:
    project.write(name)
    for hidden in (".git/subagents.yaml", "node_modules/x/subagents.yaml", "env/subagents.yaml", "other.yaml"):
        project.write(hidden)
    project.write("env/pyvenv.cfg", "")
    project.folder.joinpath("link").symlink_to(project.folder, target_is_directory=True)
    assert project.show("math", "--prompt").exit_code == 0


def test_the_names_of_workflow_files_are_those_of_pytest() -> None:
    assert FILES == DEFAULT_FILES


def test_an_agent_of_several_files_is_named_by_its_file_or_its_node_id(project: Project) -> None:
    project.write("subagents.yaml")
    project.write("sub/x.subagents.yaml", WORKFLOW.replace("team", "others"))
    assert project.refused("math", "--prompt") == (4, [
        "show: 2 workflow files declare 'math'",
        "  hint: name it by its node id: subagents.yaml::math, sub/x.subagents.yaml::math; or the file with --file",
    ])  # fmt: skip
    by_file = project.show("math", "--prompt", "--file", "sub/x.subagents.yaml")
    assert 'the workflow "others"' in by_file.stdout
    assert project.show("sub/x.subagents.yaml::math", "--prompt").stdout == by_file.stdout


def test_an_unknown_agent_is_told_with_the_nearest(project: Project) -> None:
    project.write("subagents.yaml")
    hint = "  hint: did you mean: math"
    assert project.refused("mth", "--prompt") == (4, ["show: no workflow file declares 'mth'", hint])
    assert project.refused("zzz", "--prompt")[1][1] == "  hint: known: fix, math"
    assert project.refused("test_a.py::test_a[x]", "--prompt")[1][1].startswith("  hint: only subagents of workflow")


def test_where_there_is_no_file_it_says_so(project: Project) -> None:
    lines = ["show: there is no workflow file here or below", "  hint: name one with --file"]
    assert project.refused("math", "--prompt") == (4, lines)
    assert project.refused("math", "--prompt", "--file", "none.yaml") == (2, ["none.yaml: does not exist"])


def test_very_many_folders_are_not_searched(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow_files, "SEARCHED_FOLDERS", 1)
    code, lines = project.refused("math", "--prompt")
    assert (code, lines[1]) == (4, "  hint: name the workflow file with --file")


def test_a_bad_file_matters_only_where_no_other_has_the_agent(project: Project) -> None:
    project.write("subagents.yaml")
    project.write("bad/subagents.yaml", "agents: 3\n")
    assert project.show("math", "--prompt").exit_code == 0
    code, lines = project.refused("mth", "--prompt")
    assert code == 2
    assert lines[0].startswith("bad/subagents.yaml:1: ")


def test_a_bad_template_is_told_with_its_line(project: Project) -> None:
    project.write("subagents.yaml", WORKFLOW.replace("results.math.summary", "results.mth.summary"))
    assert project.refused("fix", "--prompt") == (2, [
        "subagents.yaml:7 (agent 'fix', instructions, line 2): 'results.mth' is undefined",
        "  hint: did you mean 'results.math'? known: results.math",
    ])  # fmt: skip


def test_a_context_file_that_is_missing_is_told(project: Project) -> None:
    project.write("subagents.yaml")
    (project.folder / "docs/rules.md").unlink()
    code, lines = project.refused("math", "--prompt")
    assert (code, lines[0]) == (
        2, "subagents.yaml:1: the context file 'docs/rules.md' cannot be read: no such file or directory",
    )  # fmt: skip


def test_a_bad_contract_is_told(project: Project) -> None:
    project.write("subagents.yaml", WORKFLOW.replace("name: team", "name: team\n  contract: bad.json"))
    project.write("bad.json", '{"$ref": "#/$defs/none"}')
    assert project.refused("math", "--prompt")[0] == 4


def test_the_file_is_for_the_prompt_alone(project: Project) -> None:
    assert project.refused("math", "--file", "subagents.yaml") == (
        4, ["show: --file is for --prompt", "  hint: add --prompt, or leave it out"],
    )  # fmt: skip


def test_a_terminal_is_not_steered_but_a_pipe_gets_the_prompt_itself(project: Project) -> None:
    project.write("subagents.yaml")
    project.leaves(a_report(a_result("math", summary="\x1b]0;owned\x07")))
    command = [sys.executable, "-m", "pytest_subagents.cli.main", "show", "fix", "--prompt"]
    piped = subprocess.run(command, capture_output=True, check=True).stdout
    assert b"\n\x1b]0;owned\x07\n" in piped
    leader, follower = pty.openpty()
    with subprocess.Popen(command, stdout=follower) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                data = os.read(leader, 65536)
            except OSError:  # how Linux ends a terminal
                break
            if not data:
                break
            shown += data
    os.close(leader)
    assert process.returncode == 0
    assert b"\\x1b]0;owned\\x07" in shown
    assert b"\x1b]" not in shown


def test_it_knows_no_pytest(project: Project) -> None:
    project.write("subagents.yaml")
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pytest_subagents.cli.prompting import prompt_of\n"
        "prompt_of('math', rootdir=Path.cwd(), file=None, report=None)\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('pytest', '_pytest', 'xdist')\n"
        "       or name.startswith('pytest_subagents.glue')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
