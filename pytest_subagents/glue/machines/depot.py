"""The controller's end for a worker elsewhere: it has the recordings, the run directory and the runs before.

What a worker asks is answered in the thread of its gateway. It asks one thing at a time:

- `hello`: is what it has collected the same as here, and which recordings are others here?  `welcome`, behind files
- `finished`: has a run that is gone on with finished this?  `finished`, behind the files of the candidate
- `publish`: make the candidate whose files it has sent the recording.  `published`
- `work`: what has this run's subagent of that name changed?  `work`, behind the metadata and the patch
- `file`: a part of a file for the run directory; no answer
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

from pytest_subagents.conduct.finished import kept
from pytest_subagents.conduct.judged_work import told_work
from pytest_subagents.conduct.keeping import published
from pytest_subagents.glue.machines.files import Arriving, is_inside, parts_of
from pytest_subagents.glue.machines.sameness import commit_of, own_version, source_digest
from pytest_subagents.glue.run import Run
from pytest_subagents.transcript.copying import digest_of, files_of
from pytest_subagents.transcript.recording import Candidate
from pytest_subagents.transcript.run_directory import RunDirectory, folder_name
from pytest_subagents.transcript.store import Recording

Send: TypeAlias = Callable[[dict[str, Any]], None]
_Mistake: TypeAlias = tuple[str, str, str]
"""Why a worker must not run anything: where, what, and a hint."""

_KINDS: Final = frozenset({"hello", "finished", "publish", "work", "file"})
_NOT_UNDERSTOOD: Final = ("it could not be recorded: the worker asks for what cannot be", None)
_SAME: Final = "bring the checkout there to the same state as the one here"


class Depot:
    """Of one worker. Nothing that it sends is believed more than it must be: it runs users' code."""

    def __init__(self, run: Run, place: str, *, send: Send) -> None:
        """`place` is how a person knows it: the specification of its gateway."""
        self._run = run
        self._place = place
        self._send = send
        self._arriving = Arriving(run.folder) if run.folder is not None else None

    def takes(self, message: Mapping[str, Any]) -> bool:
        return message.get("kind") in _KINDS

    def take(self, message: dict[str, Any]) -> None:
        """Whoever asks is answered, in whatever words: a worker waits for it."""
        match message:
            case {"kind": "file"}:
                if self._arriving is not None:
                    self._arriving.take(message)
            case {"kind": "hello", "version": version} if version != own_version():
                self._welcome(mistakes=[self._other_version(version)])
            case {"kind": "hello", "sources": dict(sources), "recordings": dict(recordings), "commit": commit}:
                mistakes = [*self._differences(commit, sources)]
                self._welcome(mistakes, sent=[name for name, digest in recordings.items() if self._bring(name, digest)])
            case {"kind": "finished", "nodeid": str(nodeid), "specification": str(specification)}:
                self._send({"kind": "finished", "folder": self._bring_finished(nodeid, specification)})
            case {"kind": "publish", "candidate": str(candidate), "recording": str(recording)}:
                self._send({"kind": "published", "fault": self._publish(candidate, recording)})
            case {"kind": "work", "nodeid": str(nodeid)}:
                self._send({"kind": "work", **self._bring_work(nodeid)})
            case {"kind": "hello"}:
                self._welcome(mistakes=[(self._place, "it says what this process does not understand", _SAME)])
            case {"kind": "finished"}:
                self._send({"kind": "finished", "folder": None})
            case {"kind": "publish"}:
                self._send({"kind": "published", "fault": _NOT_UNDERSTOOD})
            case {"kind": "work"}:
                self._send({"kind": "work", "folder": None, "fault": _NOT_UNDERSTOOD[0]})

    def close(self) -> None:
        """The worker is gone."""
        if self._arriving is not None:
            self._arriving.close()

    def _welcome(self, mistakes: list[_Mistake], *, sent: Sequence[str] = ()) -> None:
        self._send({"kind": "welcome", "sent": [*sent], "mistakes": mistakes})

    def _other_version(self, version: object) -> _Mistake:
        what = f"it has pytest-subagents {version}, and this process {own_version()}"
        return self._place, what, "install the same version in both"

    def _differences(self, commit: object, sources: dict[str, str]) -> Iterable[_Mistake]:
        run = self._run
        own = commit_of(run.rootdir) if run.settings.works else None
        if own is not None and isinstance(commit, str) and commit != own:
            yield self._place, f"its checkout is at commit {commit[:12]}, and the one here at {own[:12]}", _SAME
        for name, digest in sorted(sources.items()):
            if not is_inside(name) or source_digest(run.rootdir / name) != digest:
                yield name, f"it is not the same for {self._place}", _SAME

    def _bring(self, name: str, digest: str) -> bool:
        """Sends the recording of that name, if there it is another one; whether it was, or is none here."""
        recording = Recording(transcript=str(self._run.rootdir / name))
        if not is_inside(name) or not name.endswith(".jsonl"):
            return False
        real, root = os.path.realpath(recording.transcript), os.path.realpath(self._run.rootdir)
        files = files_of(recording) if real.startswith(f"{root}/") else ()
        if digest == (digest_of(recording) if files else ""):
            return False
        folder = f"recordings/{os.path.dirname(name)}"
        self._bring_files(files, from_folder=Path(recording.transcript).parent, to=folder)
        return True

    def _bring_finished(self, nodeid: str, specification: str) -> str | None:
        """Sends the candidate of what is finished; the name of its folder."""
        earlier = [RunDirectory.open(path) for path in self._run.earlier]
        candidate = kept(earlier, nodeid, specification)
        if candidate is None:
            return None
        folder = f"resumed/{folder_name(nodeid)}"
        self._bring_files(files_of(candidate.recording), from_folder=candidate.folder, to=folder)
        return folder

    def _bring_work(self, nodeid: str) -> dict[str, Any]:
        """Sends what this run has of a subagent's work: the name of its folder; none where its recording speaks."""
        if self._run.folder is None:
            return {"folder": None, "fault": ""}
        recording = told_work(RunDirectory.open(self._run.folder), nodeid)
        if recording is None:
            begun = (self._run.folder / folder_name(nodeid)).is_dir()
            return {"folder": None, "fault": "what it did in this run is not known" if begun else ""}
        folder = f"works/{folder_name(nodeid)}"
        files = [path for path in map(Path, (recording.meta, recording.patch)) if path.is_file()]
        self._bring_files(files, from_folder=Path(recording.transcript).parent, to=folder)
        return {"folder": folder, "fault": ""}

    def _bring_files(self, files: Iterable[Path], *, from_folder: Path, to: str) -> None:
        for path in files:
            with suppress(OSError), open(path, "rb") as file:  # what is half there, no replay believes
                for part in parts_of(file, f"{to}/{path.relative_to(from_folder).as_posix()}"):
                    self._send(part)

    def _publish(self, candidate: str, recording: str) -> tuple[str, str | None] | None:
        """Why that cannot be: what, and a hint."""
        folder = self._run.folder
        if folder is None or self._arriving is None or not (is_inside(candidate) and is_inside(recording)):
            return _NOT_UNDERSTOOD
        fault = next((why for name, why in self._arriving.faults.items() if name.startswith(f"{candidate}/")), None)
        if fault is not None:
            return f"it could not be recorded: {fault}", None
        rootdir = self._run.rootdir
        reason = published(Candidate(folder=folder / candidate), rootdir / recording, rootdir=rootdir)
        return None if reason is None else (reason.message, reason.hint)
