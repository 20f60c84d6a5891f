"""A repository with what a run leaves that `subagents merge` needs, and the command itself."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from builders import a_report, a_result
from click.testing import CliRunner, Result
from merging import TEN, Elsewhere, Files
from repositories import ARepository, digest_of

from pytest_subagents.cli.main import commands
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.transcript.meta import PatchFacts, RecordingMeta, meta_bytes
from pytest_subagents.workspace.patch_reading import changes_of

REPORT = "artifacts/subagents/report.json"


class Project:
    """A repository with a workflow, recordings and a report, as a run of pytest would have left them."""

    def __init__(self, folder: Path, *, rootdir: str = ".") -> None:
        self.person = ARepository(folder / "person")
        self.person.write("ten.txt", TEN)
        self.rootdir = rootdir
        self.ids: list[str] = []
        self.results: dict[str, dict[str, Any]] = {}
        self.head = ""
        self.person.write(".gitignore", "artifacts/\n")
        self.person.commit()
        self.elsewhere = Elsewhere(self.person, folder / "elsewhere")
        self.path = self.person.path / rootdir

    def agent(self, id: str, files: Files | None, **result: Any) -> None:
        """A subagent that left `files`; one that has no patch with None."""
        self.ids.append(id)
        self.results[id] = result
        if files is None:
            return
        work = self.elsewhere.work(id, files)
        prefix = "" if self.rootdir == "." else self.rootdir
        changes = changes_of(work.patch, PurePosixPath(prefix))
        assert not isinstance(changes, str)
        self.results[id] = {"changes": changes, **result}
        facts = PatchFacts(tree=work.tree, files=len(changes), prefix=prefix)
        self.write(f"recordings/team/{id}.meta.json", meta_bytes(RecordingMeta(base=work.base, patch=facts)).decode())
        self.person.write(f"{self.rootdir}/recordings/team/{id}.patch", work.patch)

    def write(self, name: str, text: str) -> None:
        self.person.write(f"{self.rootdir}/{name}", text)

    def finish(self, *, head: str = "", **report: Any) -> None:
        """The workflow file and the report; everything is committed."""
        agents = "".join(f"  - {{id: {id}, instructions: Do., scope: {{write: ['**']}}}}\n" for id in self.ids)
        self.write("subagents.yaml", f"workflow: {{name: team{head}}}\nagents:\n{agents}")
        rows = [a_result(id, **result) for id, result in self.results.items() if result.get("status") != "absent"]
        self.write(REPORT, JsonReport().render(a_report(*rows, **report)))
        self.person.git("add", "-A")
        self.person.git("commit", "-q", "-m", "recorded")

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(commands, ["merge", *words], prog_name="subagents")

    def untouched(self, *words: str) -> Result:
        """The same, and nothing but `artifacts` has changed by it, not even a time."""
        before = self.digest()
        result = self.run(*words)
        assert self.digest() == before
        return result

    def digest(self) -> list[str]:
        """Of all but what is made for people to look at, and the folder itself."""
        places = [each for each in sorted(self.person.path.iterdir()) if each.name != "artifacts"]
        return [digest_of(each) if each.is_dir() else each.read_text("utf-8", "replace") for each in places]


def failed(result: Result, exit_code: int, *said: str) -> None:
    assert (result.exit_code, result.stdout) == (exit_code, ""), result.output
    for words in said:
        assert words in result.stderr
    assert "Traceback" not in result.stderr
