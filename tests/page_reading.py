"""Pages of HTML as a test reads them: their elements, ids, links and headings, with every element closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

from pytest_subagents.model.evidence import Evidence, RunEvidence, Schedule
from pytest_subagents.model.report import Report
from pytest_subagents.reports.html.html_report import HtmlReport

_VOID = {"meta", "input", "br", "link", "img", "hr", "base"}


class Page(HTMLParser):
    """Raises where an element is not closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] not in (["script"], ["style"]):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def tags_but(self, *passed_over: str) -> list[str]:
        return [tag for tag, _ in self.elements if tag not in passed_over]

    @property
    def ids(self) -> list[str]:
        return [id for _, attributes in self.elements if (id := attributes.get("id")) is not None]

    @property
    def links(self) -> list[str]:
        return [href for tag, attributes in self.elements if tag in ("a", "use") and (href := attributes.get("href"))]

    @property
    def headings(self) -> list[int]:
        return [int(tag[1]) for tag, _ in self.elements if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit()]

    def problems(self) -> Iterator[str]:
        """What no page of ours may have."""
        if len(set(self.ids)) < len(self.ids):
            yield "an id stands twice"
        if self.headings.count(1) != 1 or any(
            b > a + 1 for a, b in zip(self.headings, self.headings[1:], strict=False)
        ):
            yield "headings with gaps"
        for tag, attributes in self.elements:
            if any(name.startswith("on") or name == "style" for name in attributes):
                yield f"{tag} with {attributes}"
            if tag in ("img", "iframe", "form", "base", "link", "object", "embed"):
                yield tag
        for link in self.links:
            if link.startswith("#") and link[1:] not in self.ids:
                yield f"a link leads nowhere: {link}"


class Given:
    """Evidence that a test made up: the same for every run."""

    def __init__(self, evidence: RunEvidence, schedule: Schedule | None = None) -> None:
        self._evidence = evidence
        self._schedule = schedule or Schedule(kind="simulated")

    def schedule(self) -> Schedule:
        return self._schedule

    def of(self, row: object, run: object) -> RunEvidence:
        return self._evidence


def pages(report: Report, evidence: Evidence, *, beside: bool = True) -> dict[str, str]:
    """All pages of a report by name; the main one is `r.html`."""
    found: dict[str, str] = {}

    def further(name: str, parts: Iterable[str]) -> None:
        found[f"r-data/{name}"] = "".join(parts)

    main = HtmlReport().pages(report, evidence, name="r.html", further=further if beside else None)
    found["r.html"] = "".join(main)
    return found
