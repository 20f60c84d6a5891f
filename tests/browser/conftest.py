"""What browser tests run with: Debian's chromium, one for each process of pytest, and the axe-core of `.ci/axe`."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pytest
from pinned import place_of
from playwright.sync_api import Browser, sync_playwright
from requirements import is_missing

from browser.projects import a_team
from browser.window import FLAGS, Window

SCREENSHOTS = "SUBAGENTS_SCREENSHOTS"
"""The variable that names a folder for pictures of the pages, for a person to look at."""


class Look(Protocol):
    def __call__(self, path: Path, **how: Any) -> Window: ...


Windows: TypeAlias = defaultdict[str, list[Window]]


class Picture(Protocol):
    def __call__(self, window: Window, name: str, *, whole: bool = False) -> None: ...


@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium, with a home of its own; closed behind the last test here, as its event loop would be in the way of
    those of others."""
    program = shutil.which("chromium")
    if program is None:
        is_missing("chromium", "`chromium` is not in PATH; run .ci/install-chromium")
    home = tmp_path_factory.mktemp("home")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=list(FLAGS), chromium_sandbox=False, env={**os.environ, "HOME": str(home)}
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def windows(browser: Browser) -> Iterator[Windows]:
    """Windows that no test uses now, by how they are: a new one costs more than a page."""
    found: Windows = defaultdict(list)
    yield found
    for window in chain.from_iterable(found.values()):
        window.close()


@pytest.fixture
def look(browser: Browser, windows: Windows) -> Iterator[Look]:
    """Opens pages; their windows are for others after the test."""
    used: list[tuple[str, Window]] = []

    def open_page(path: Path, *, fragment: str = "", **how: Any) -> Window:
        free = windows[repr(sorted(how.items()))]
        window = free.pop() if free else Window(browser, **how)
        used.append((repr(sorted(how.items())), window))
        window.open(path, fragment)
        return window

    yield open_page
    for how, window in used:
        windows[how].append(window)


@pytest.fixture(scope="package")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a team in which much happens; it has further pages beside it."""
    return a_team(tmp_path_factory.mktemp("team"))


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    path = place_of("axe") / "axe.min.js"
    if not path.exists():
        is_missing("axe", f"{path} is not there; run .ci/install-axe")
    return path.read_text(encoding="utf-8")


@pytest.fixture
def picture() -> Picture:
    """Keeps a picture of a window under a name, where the variable `SUBAGENTS_SCREENSHOTS` names a folder."""
    folder = os.environ.get(SCREENSHOTS)

    def keep(window: Window, name: str, *, whole: bool = False) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            window.screenshot(Path(folder) / f"{name}.png", whole=whole)

    return keep
