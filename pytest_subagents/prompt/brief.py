"""What a prompt is made of."""

from __future__ import annotations

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.result import Result
from pytest_subagents.model.spec import Subagent, Workflow
from pytest_subagents.model.value import Value


class ContextFile(Value, frozen=True, kw_only=True):
    """A file that every prompt of a workflow begins with."""

    path: str
    """From the rootdir, with `/`."""
    text: str


class Needed(Value, frozen=True, kw_only=True):
    """What a subagent that is needed came to, as the one that needs it is told."""

    id: str
    status: str
    summary: str = ""
    answer: JsonValue = None
    findings: tuple[dict[str, JsonValue], ...] = ()
    """Each with `severity`, `file`, `line`, `title` and `detail`."""
    pending: bool = False
    """It has not run: whatever a template takes from `answer` and `findings` shows as a placeholder."""

    @classmethod
    def of(cls, result: Result) -> Needed:
        """What is told of `result`: nothing of the vendor, of costs or of times."""
        return cls(
            id=result.planned.id,
            status=result.status,
            summary=result.summary,
            answer=result.answer,
            findings=tuple(
                {
                    "severity": finding.severity,
                    "file": finding.file,
                    "line": finding.line,
                    "title": finding.title,
                    "detail": finding.detail,
                }
                for finding in result.findings
            ),
        )

    @classmethod
    def placeholder(cls, id: str) -> Needed:
        """Stands for a subagent that has not run, where a person looks at a prompt beforehand."""
        return cls(id=id, status="not_run", summary=f"(not known yet: the summary of {id!r} stands here)", pending=True)

    def plain(self) -> dict[str, JsonValue]:
        """As a template, and the agent, get it."""
        return {
            "status": self.status,
            "summary": self.summary,
            "answer": self.answer,
            "findings": [dict(finding) for finding in self.findings],
        }


class Brief(Value, frozen=True, kw_only=True):
    """Everything that the prompt of one subagent says. Equal briefs give equal prompts."""

    subagent: Subagent
    workflow: str
    """The name of the workflow; of marks, that of the test module."""
    version: str = ""
    description: str = ""
    context_files: tuple[ContextFile, ...] = ()
    context_text: str = ""
    schema: JsonValue
    """The contract as one JSON Schema (`contract.one_schema`)."""
    results: tuple[Needed, ...] = ()
    """Of each subagent in `depends_on`."""

    @classmethod
    def of(
        cls,
        workflow: Workflow,
        subagent: Subagent,
        *,
        files: tuple[ContextFile, ...],
        schema: JsonValue,
        results: tuple[Needed, ...],
    ) -> Brief:
        """The brief of one subagent of `workflow`, whose context files were read to `files`."""
        return cls(
            subagent=subagent,
            workflow=workflow.name,
            version=workflow.version,
            description=workflow.description,
            context_files=files,
            context_text=workflow.context.text,
            schema=schema,
            results=results,
        )

    def values(self) -> dict[str, JsonValue]:
        """The values of the names that a template can use (`names.NAMES`); nobody else holds their lists and dicts."""
        scope = self.subagent.scope
        return {
            "context": {"files": [file.path for file in self.context_files], "text": self.context_text},
            "results": {needed.id: needed.plain() for needed in self.results},
            "scope": {"read": list(scope.read or ()), "write": list(scope.write)},
            "subagent": {"id": self.subagent.id},
            "workflow": {"name": self.workflow, "version": self.version, "description": self.description},
        }
