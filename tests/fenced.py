"""The fenced blocks of the pages, and what stands beside them: the name of a file, a mark in a comment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_TITLE = re.compile(r'\btitle="([^"]+)"')
_MARK = re.compile(r"<!-- (\w+): (.+?) -->\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block."""

    page: str
    """Its page, from the root of the repository."""
    line: int
    language: str
    title: str
    """The file that it is; empty for an excerpt and for commands."""
    mark: tuple[str, str]
    """`("ci", "red")` where the comment `<!-- ci: red -->` stands above it."""
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


@cache
def blocks_of(path: Path) -> tuple[Block, ...]:
    """All fenced blocks of a page, in its order."""
    found, above = [], ""
    for token in MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8")):
        if token.type == "fence":
            assert token.map is not None
            language, _, more = token.info.strip().partition(" ")
            title, mark = _TITLE.search(more), _MARK.search(above)
            found.append(
                Block(
                    page=str(path.relative_to(ROOT)),
                    line=token.map[0] + 1,
                    language=language,
                    title=title[1] if title else "",
                    mark=(mark[1], mark[2]) if mark else ("", ""),
                    text=token.content,
                )
            )
        above = token.content if token.type == "html_block" else ""
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of a block, with what the page shows that it prints."""

    block: Block
    text: str
    output: str


def commands_of(block: Block) -> tuple[Command, ...]:
    """Of a `console` block the lines behind `$ `, of a `bash` block all lines but comments; of others none."""
    if block.language not in ("console", "bash"):
        return ()
    if block.language == "console":
        parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
        assert not parts[0].strip(), f"{block.place}: a console block begins with a command"
        split = [part.partition("\n") for part in parts[1:]]
        return tuple(Command(block=block, text=head.strip(), output=rest) for head, _, rest in split)
    lines = block.text.replace("\\\n", " ").splitlines()
    return tuple(Command(block=block, text=line.strip(), output="") for line in lines if line.strip(" #\t"))
