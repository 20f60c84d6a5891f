"""Pages beside the main one, in a folder that is named after it; reached by ordinary links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from msgspec.structs import replace

from pytest_subagents.model.limits import HTML_NAME_CHARS
from pytest_subagents.model.value import Value
from pytest_subagents.reports.html.markup import Html, html, plain, said
from pytest_subagents.reports.html.shell import foot, page
from pytest_subagents.reports.interface import Further, folder_beside


class Beside(Value, frozen=True, kw_only=True):
    """Where further pages go, and how one gets there and back."""

    further: Further
    main: str
    """The name of the main page's file."""
    inside: bool = False
    """Whether links to them are from one of them."""

    @property
    def back(self) -> Html:
        """The address of the main page, from beside it."""
        return plain(f"../{quote(self.main)}")

    def address(self, name: str) -> Html:
        """Of the page `name`."""
        return plain(name if self.inside else f"{quote(folder_beside(self.main))}/{name}")

    def from_inside(self) -> Beside:
        return replace(self, inside=True)

    def write(self, name: str, *, title: str, anchor: str, parts: Iterable[Html]) -> None:
        """Writes a page as a whole, before it returns; it leads back to `anchor` of the main one."""
        back = html(
            '<div><h1>{}</h1>\n<p><a href="{}#{}">« Back to the report</a></p></div>\n',
            said(title, HTML_NAME_CHARS),
            self.back,
            anchor,
        )
        self.further(name, page(title[:HTML_NAME_CHARS], head=back, body=_body(parts)))


def _body(parts: Iterable[Html]) -> Iterator[Html]:
    yield Html("</header>\n<main id=main>\n")
    yield from parts
    yield from foot()
