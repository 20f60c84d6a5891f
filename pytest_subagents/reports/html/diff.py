"""What a run changed, file by file, with line numbers; what lies outside its scope is marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from pytest_subagents.model.evidence import ChangedFile
from pytest_subagents.model.limits import HTML_DIFF_LINES, HTML_NAME_CHARS, MESSAGE_CHARS
from pytest_subagents.model.outcome import Change
from pytest_subagents.reports import wording
from pytest_subagents.reports.escape import cut
from pytest_subagents.reports.html.code_colours import coloured
from pytest_subagents.reports.html.markup import NONE, Html, block, html, joined, plain, said

_HUNK: Final = re.compile(r"@@ -(\d{1,9})(?:,\d+)? \+(\d{1,9})(?:,\d+)? @@")
_LINE_CHARS: Final = 2_000
_KINDS: Final[Mapping[str, str]] = {"add": "new", "update": "changed", "delete": "deleted", "rename": "renamed"}


def told_changes(changes: Sequence[Change], outside: Mapping[str, str], most: int) -> Html:
    """Paths alone, where no patch is kept."""
    rows = joined(
        html(
            "<li>{} <span class=mono>{}</span>{}</li>\n",
            _KINDS[each.kind],
            said(each.path, MESSAGE_CHARS),
            _scope(each.path, outside),
        )
        for each in changes[:most]
    )
    more = len(changes) - most
    return html(
        "<ul>\n{}</ul>\n{}",
        rows,
        html("<p class=soft>… and {}.</p>\n", wording.number_of(more, "more file")) if more > 0 else NONE,
    )


def diff(
    files: Sequence[ChangedFile], outside: Mapping[str, str], most: int, kinds: Mapping[str, str]
) -> Iterator[Html]:
    """At most `most` lines of all of them together; `outside` are the paths outside the scope."""
    room = most
    for number, file in enumerate(files):
        if room <= 0:
            yield html("<p class=soft>… and {}, not shown.</p>\n", wording.number_of(len(files) - number, "more file"))
            return
        size = lines_of(file)
        yield _file(file, outside, min(size, room), size, kinds.get(file.path, "update"))
        room -= size


def lines_of(file: ChangedFile) -> int:
    """Lines that its part of a diff takes."""
    return 1 if file.binary else file.text.count("\n")


def size_of(files: Sequence[ChangedFile]) -> str:
    """`3 files, +42 −17`."""
    paths = len({file.path for file in files})
    added, removed = sum(file.added for file in files), sum(file.removed for file in files)
    return f"{wording.number_of(paths, 'file')}, +{added:,} −{removed:,}"


def _file(file: ChangedFile, outside: Mapping[str, str], shown: int, size: int, kind: str) -> Html:
    changed = html("<span class=plus>+{}</span> <span class=minus>−{}</span>", f"{file.added:,}", f"{file.removed:,}")
    head = html(
        "<span class=mono>{}</span> <span class=soft>{}</span> {}{}",
        said(file.path, MESSAGE_CHARS),
        _KINDS.get(kind, kind),
        html("<span class=soft>binary</span>") if file.binary else changed,
        _scope(file.path, outside),
    )
    bad = " problem" if file.path in outside else ""
    if file.binary:
        return html(
            '<div class="file{}"><p class=head>{}</p><p class=soft>Binary file, not shown.</p></div>\n', bad, head
        )
    path = file.path if size <= HTML_DIFF_LINES else ""  # colours cost elements
    lines = joined(islice(_lines(file.text, path), shown))
    cut_off = html("<p class=soft>Shown are {} of {} lines.</p>\n", f"{shown:,}", f"{size:,}") if shown < size else NONE
    body = html(
        '<pre class=diff tabindex=0 role=group aria-label="Diff of {}">{}</pre>\n{}',
        plain(file.path[:HTML_NAME_CHARS]),
        lines,
        cut_off,
    )
    many = file.added + file.removed > HTML_DIFF_LINES
    fold = " file" + bad
    return html(
        '<details class="prints{}"{}><summary>{}</summary>{}</details>\n',
        fold,
        NONE if many else Html(" open"),
        head,
        body,
    )


def _scope(path: str, outside: Mapping[str, str]) -> Html:
    if path not in outside:
        return NONE
    return html(' <span class=out title="{}">outside its scope</span>', plain(cut(outside[path], MESSAGE_CHARS)))


def _lines(text: str, path: str) -> Iterator[Html]:
    """The lines of one file's part of a patch: what git says of it, then hunks with numbers."""
    old = new = 0
    in_hunk = False
    for line in text.removesuffix("\n").split("\n"):
        if match := _HUNK.match(line):
            old, new, in_hunk = int(match[1]), int(match[2]), True
            yield _line("h", "", "", line)
        elif not in_hunk:
            if not line.startswith(("diff --git", "index ", "--- ", "+++ ")):
                yield _line("h", "", "", line)
        elif line.startswith("+"):
            yield _line("a", "", str(new), line, path)
            new += 1
        elif line.startswith("-"):
            yield _line("d", str(old), "", line, path)
            old += 1
        elif line.startswith("\\"):
            yield _line("h", "", "", line)
        else:
            yield _line("c", str(old), str(new), line, path)
            old, new = old + 1, new + 1


def _line(kind: str, old: str, new: str, line: str, path: str = "") -> Html:
    line = cut(line, _LINE_CHARS)
    told = html("{}{}", line[:1], coloured(line[1:], path)) if path else block(line)
    return html('<span class={} data-o="{}"><i data-n="{}"></i>{}</span>', kind, old, new, told)
