"""What a page still takes: bytes, which take time to load, and elements, which take memory to show."""

from __future__ import annotations

from typing import Final

from pytest_subagents.model.limits import HTML_AGENT_BYTES, HTML_BYTES, HTML_ELEMENTS, HTML_SIDE_BYTES
from pytest_subagents.model.value import Value
from pytest_subagents.reports.html.markup import Html

_SECTION_ELEMENTS: Final = 90
_SECTION_BYTES: Final = 10_000
"""What one subagent mostly takes without its transcripts."""
_LINK_ELEMENTS: Final = 3
_LINK_BYTES: Final = 300
"""What one takes that has a page of its own."""
_AROUND: Final = 300
"""Elements of the head and the end of a page."""


class Share(Value, frozen=True, kw_only=True):
    """What the transcripts of one subagent may take."""

    bytes: int
    elements: int

    @classmethod
    def of_its_own_page(cls) -> Share:
        return cls(bytes=HTML_SIDE_BYTES, elements=HTML_ELEMENTS)

    def split(self, among: int) -> Share:
        return Share(bytes=self.bytes // among, elements=self.elements // among)

    def without(self, text: Html) -> Share:
        """What is left behind `text`; below 0 where it does not fit."""
        return Share(bytes=self.bytes - len(text), elements=self.elements - elements_of(text))

    @property
    def fits(self) -> bool:
        return self.bytes >= 0 and self.elements >= 0


class Room:
    """That of the main page."""

    def __init__(self) -> None:
        self._bytes = HTML_BYTES
        self._elements = HTML_ELEMENTS - _AROUND

    def take(self, text: Html) -> None:
        self._bytes -= len(text)
        self._elements -= elements_of(text)

    def has_a_section(self, left: int) -> bool:
        """Whether one more subagent stands here, if each of `left` others has at least a link."""
        return (
            self._bytes - left * _LINK_BYTES >= _SECTION_BYTES
            and self._elements - left * _LINK_ELEMENTS >= _SECTION_ELEMENTS
        )

    def for_transcripts(self, left: int) -> Share:
        """What those of one subagent may take, if `left` others are to have as much."""
        return Share(
            bytes=max(0, min(self._bytes // (left + 1) - _SECTION_BYTES, HTML_AGENT_BYTES)),
            elements=max(0, self._elements // (left + 1) - _SECTION_ELEMENTS),
        )


def elements_of(text: Html) -> int:
    return text.count("<") - text.count("</")
