"""The site is built strictly, has every page, and fetches nothing from anywhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fenced import ROOT

LOADS = {"link": ("href",), "script": ("src",), "img": ("src", "srcset"), "iframe": ("src",), "source": ("src",)}
"""What a browser fetches by itself; a link in the text is none of it."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


class Fetched(HTMLParser):
    """The addresses that a page loads something from."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("rel") not in ("canonical", "next", "prev", "edit"):
            self.found += [given[name] or "" for name in LOADS.get(tag, ()) if name in given]


def test_every_page_is_there_and_loads_only_what_lies_beside_it(site: Path) -> None:
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert pages <= {path.stem for path in site.glob("*.html")}
    for path in site.rglob("*.html"):
        reader = Fetched()
        reader.feed(path.read_text(encoding="utf-8"))
        assert reader.found
        assert [address for address in reader.found if re.match(r"(https?:)?//", address)] == [], path.name


def test_styles_load_nothing_from_elsewhere_and_there_is_no_search_service(site: Path) -> None:
    for path in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", path.read_text(encoding="utf-8")), path.name
    assert not (site / "search").exists()
