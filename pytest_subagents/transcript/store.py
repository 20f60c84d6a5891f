"""Where recordings are, and what belongs to one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A transcript kept in the repository, with the files beside it (which may be absent)."""

    transcript: Path

    @property
    def meta(self) -> Path:
        return self.transcript.with_name(self.transcript.name.removesuffix(".jsonl") + ".meta.json")

    def children(self) -> tuple[Path, ...]:
        """The session files of the agent's own subagents, by name: `<session>/subagents/agent-*.jsonl`."""
        folder = self.transcript.with_suffix("") / "subagents"
        return tuple(sorted(folder.glob("agent-*.jsonl"))) if folder.is_dir() else ()


def is_child(path: Path) -> bool:
    """Whether `path` is a subagent's session file that belongs to a transcript beside its folder."""
    return (
        path.parent.name == "subagents"
        and path.name.startswith("agent-")
        and path.parent.parent.with_suffix(".jsonl").is_file()
    )
