"""A page of ours in a real Chromium, and everything that it did there: what it asked for, said, tried and opened.

The page keeps its own policy: what tests run in it runs in a world of its own, which shares the document alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import Browser, Dialog, Page

FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
"""No name resolves: a request that got through would be seen here, and reach nobody."""
_HIGHEST: Final = 8_000
"""Pixels of a picture."""


class Window:
    """One page after the other, each opened as if it were the first."""

    path: Path

    def __init__(
        self,
        browser: Browser,
        *,
        width: int = 1440,
        height: int = 900,
        scheme: Literal["light", "dark"] = "light",
        forced_colors: bool = False,
        javascript: bool = True,
    ) -> None:
        self.asked_for: list[str] = []
        """Addresses of requests, the page's own first."""
        self.visited: list[str] = []
        """Addresses that a frame went to, or was to go to."""
        self.complaints: list[str] = []
        """Errors, warnings, breaches of the page's policy: what a developer would see in the console."""
        self.dialogs: list[str] = []
        self._context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            forced_colors="active" if forced_colors else "none",
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        self.page: Page = self._context.new_page()
        self.page.on("dialog", self._dismiss)
        self._cdp = self._context.new_cdp_session(self.page)
        self._listen()
        self._world: int | None = None

    def open(self, path: Path, fragment: str = "") -> None:
        """Opens `path` at this fragment, and forgets what earlier pages did."""
        self.path = path
        self.page.goto("about:blank")
        self.page.emulate_media(media="null")
        for told in (self.asked_for, self.visited, self.complaints, self.dialogs):
            told.clear()
        self.go(fragment)

    def go(self, fragment: str = "") -> None:
        """Opens the page at this fragment (`#…`), anew."""
        self._world = None
        self.page.goto(self.path.as_uri() + fragment)

    def run(self, expression: str, *arguments: object) -> Any:
        """What it is worth beside the page's own scripts, which cannot disturb it.

        With arguments it is the text of a function that gets them. A promise is waited for.
        """
        if self._world is None:
            frame = self._send("Page.getFrameTree")["frameTree"]["frame"]["id"]
            self._world = self._send("Page.createIsolatedWorld", frameId=frame)["executionContextId"]
        if not arguments:
            asked = {"expression": expression, "contextId": self._world}
            return self._value(self._send("Runtime.evaluate", **asked, returnByValue=True, awaitPromise=True))
        given = [{"value": argument} for argument in arguments]
        asked = {"functionDeclaration": expression, "executionContextId": self._world, "arguments": given}
        return self._value(self._send("Runtime.callFunctionOn", **asked, returnByValue=True, awaitPromise=True))

    def run_in_page(self, expression: str) -> Any:
        """What it is worth among the page's own scripts."""
        return self._value(self._send("Runtime.evaluate", expression=expression, returnByValue=True))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Of what is to be seen, or of the whole page: in a window so high that nothing of it is passed over."""
        size = self.page.viewport_size
        if whole and size:
            height = min(self.run("document.documentElement.scrollHeight"), _HIGHEST)
            self.page.set_viewport_size({"width": size["width"], "height": height})
        self.page.screenshot(path=path, full_page=whole)
        if whole and size:
            self.page.set_viewport_size(size)

    def close(self) -> None:
        self._context.close()

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _send(self, method: str, **parameters: Any) -> Any:
        return self._cdp.send(method, parameters)

    def _value(self, answer: Mapping[str, Any]) -> Any:
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def _listen(self) -> None:
        handlers: Mapping[str, Callable[[Any], None]] = {
            "Network.requestWillBeSent": lambda event: self.asked_for.append(event["request"]["url"]),
            "Network.webSocketCreated": lambda event: self.asked_for.append(event["url"]),
            "Page.frameRequestedNavigation": lambda event: self.visited.append(event["url"]),
            "Page.frameNavigated": lambda event: self.visited.append(event["frame"]["url"]),
            "Page.windowOpen": lambda event: self.visited.append(event["url"]),
            "Log.entryAdded": lambda event: self.complaints.append(event["entry"]["text"]),
            "Audits.issueAdded": lambda event: self.complaints.append(event["issue"]["code"]),
            "Runtime.exceptionThrown": lambda event: self.complaints.append(str(event["exceptionDetails"])),
            "Runtime.consoleAPICalled": lambda event: self.complaints.append(str(event["args"])),
        }
        for name, handler in handlers.items():
            self._cdp.on(name, handler)
        for domain in ("Network", "Page", "Log", "Audits", "Runtime"):
            self._send(f"{domain}.enable")
