"""Which checkpoints of a subagent its events pass, while it runs and in a recording alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_subagents.model.event import AnyEvent, End, FileChange, Message, SessionStart
from pytest_subagents.model.glob import matches, with_folders
from pytest_subagents.model.spec import Checkpoint
from pytest_subagents.vendors.places import place


class Checkpoints:
    """Takes the events of one run in their order.

    One that `writes` is passed when the agent says that it has written a path that its glob matches (what a command
    writes, it does not say); one that `says`, when a message holds the text; `write_complete`, when the agent has ended
    its turn well, whatever is still to be checked. Messages and files of its own subagents count.
    """

    def __init__(self, declared: Sequence[Checkpoint], *, workspaces: Iterable[str] = ()) -> None:
        """`workspaces` are the names by which the stream may call the folder that the agent works in."""
        self._declared = declared
        self._open = {point.id: point for point in declared}
        self._workspaces = [*workspaces]
        self._message: tuple[str | None, str] = (None, "")
        """The message that goes on, and its end, in which a text may begin."""
        self._longest = max((len(point.says) for point in declared if point.says), default=0)

    @property
    def passed(self) -> tuple[str, ...]:
        """In the order in which they are declared."""
        return tuple(point.id for point in self._declared if point.id not in self._open)

    def take(self, event: AnyEvent) -> None:
        match event:
            case SessionStart(cwd=str(cwd)):
                self._workspaces.append(cwd)
            case FileChange(failed=False, path=path):
                self._pass(point for point in self._open.values() if point.writes and self._is_at(path, point.writes))
            case Message(role="assistant"):
                text = self._text_of(event)
                self._pass(point for point in self._open.values() if point.says and point.says in text)
            case End(ok=True):
                self._pass(point for point in self._open.values() if not point.writes and not point.says)

    def _pass(self, points: Iterable[Checkpoint]) -> None:
        for point in tuple(points):
            del self._open[point.id]

    def _is_at(self, path: str, glob: str) -> bool:
        return matches(place(path, self._workspaces), with_folders((glob,)))

    def _text_of(self, event: Message) -> str:
        """With what came before of a message in parts."""
        if not event.append or event.message_id != self._message[0]:
            self._message = (event.message_id, "")
        text = self._message[1] + event.text
        self._message = (event.message_id, text[-self._longest :] if self._longest else "")
        return text
