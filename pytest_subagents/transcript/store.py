"""Where recordings are, and what belongs to one.

Text instead of path objects where it is asked for every recording: ten thousand of them are a case that is measured.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pytest_subagents.model.ids import file_name
from pytest_subagents.model.value import Value


class Recording(Value, frozen=True, kw_only=True):
    """A transcript kept in the repository, with the files beside it (which may be absent)."""

    transcript: str
    """Its path."""
    refused: str = ""
    """Why it is not read, although it is there."""

    @property
    def meta(self) -> str:
        return self.transcript.removesuffix(".jsonl") + ".meta.json"

    @property
    def patch(self) -> str:
        """Where the changes of a subagent that may write are, as git's binary diff."""
        return self.transcript.removesuffix(".jsonl") + ".patch"

    def children(self) -> tuple[Path, ...]:
        """The session files of the agent's own subagents, by name: `<session>/subagents/agent-*.jsonl`; no links."""
        return tuple(path for path in self._sessions() if not path.is_symlink())

    def links(self) -> int:
        """How many of those files are links, which nobody reads."""
        return sum(path.is_symlink() for path in self._sessions())

    def _sessions(self) -> list[Path]:
        folder = self.transcript.removesuffix(".jsonl") + "/subagents"
        return sorted(Path(folder).glob("agent-*.jsonl")) if os.path.isdir(folder) else []


def recording_in(rootdir: Path, path: str) -> Recording:
    """The recording at `path`. A link out of the repository is refused, also of a folder on the way or a file beside
    it: what it leads to would be quoted in the report."""
    recording = Recording(transcript=path)
    if not path.startswith(f"{rootdir}/"):
        return recording
    real = _real(str(rootdir))
    if not _is_below(_real(os.path.dirname(path)), real):
        return Recording(transcript=path, refused="a folder on the way is a link to a place outside the repository")
    for each, what in ((path, "it"), (recording.meta, "its metadata"), (recording.patch, "its patch")):
        if os.path.islink(each) and not _is_below(os.path.realpath(each), real):
            return Recording(transcript=path, refused=f"{what} is a link to a place outside the repository")
    return recording


@lru_cache(maxsize=1024)
def _real(folder: str) -> str:
    """Many recordings lie in few folders, and each step on the way to one costs a call of the system."""
    return os.path.realpath(folder)


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def is_child(path: Path) -> bool:
    """Whether `path` is a subagent's session file that belongs to a transcript beside its folder."""
    return (
        path.parent.name == "subagents"
        and path.name.startswith("agent-")
        and path.parent.parent.with_suffix(".jsonl").is_file()
    )


def recording_of_agent(folder: str, workflow: str, agent: str) -> str:
    """Where the recording of an agent is whose workflow file lies in `folder`."""
    return f"{folder}/recordings/{file_name(workflow)}/{file_name(agent)}.jsonl"


def recording_of_run(recording: str, number: int) -> str:
    """Where that of one run is, where several make the row whose own recording would be at `recording`."""
    return f"{recording.removesuffix('.jsonl')}/{number}.jsonl"
