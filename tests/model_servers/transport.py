"""HTTP on a listening socket: requests in, documents and server-sent events out, and the ways in which those break.

It knows no protocol and no script; `Answering` decides what comes back.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Protocol, TypeAlias

from model_servers.faults import CutOff, Silence
from model_servers.reply import Event
from model_servers.wire.interface import Request
from pytest_subagents.model.json_value import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    body: JsonValue
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Server-sent events. Where there is a break, it comes in place of what is left."""

    events: Sequence[Event]
    then: CutOff | Silence | None = None
    raw_separators: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """The request is never answered."""


Answer: TypeAlias = Document | Stream | Nothing


class Answering(Protocol):
    def answer(self, request: Request) -> Answer: ...

    def broke(self, problem: BaseException) -> None:
        """Hears of what went wrong in a thread that answers; a client that went away is not told."""
        ...


_SEPARATORS: Final = (("\u2028", "\\u2028"), ("\u2029", "\\u2029"))
_LINGER_NOT: Final = struct.pack("ii", 1, 0)
_ENCODINGS: Final = ("", "identity")


class Transport(ThreadingHTTPServer):
    """Serves on `listener` in threads of its own until `stop`, which also releases what is silent."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, listener: socket.socket, answering: Answering) -> None:
        super().__init__(listener.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.answering = answering
        self.stopped = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.stopped.set()
        self.shutdown()
        self._thread.join()
        with self._guard:
            waiting = [*self._open]
        for connection in waiting:  # else a client that keeps its connection open would keep us
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        problem = sys.exception()
        if problem is not None and not isinstance(problem, ConnectionError):
            self.answering.broke(problem)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Transport

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        request = Request(
            method=self.command,
            path=self.path.partition("?")[0],
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self._body(),
        )
        match self.server.answering.answer(request):
            case Document() as document:
                self._send_document(document)
            case Stream() as stream:
                self._send_stream(stream)
            case Nothing():
                self._stay_silent()

    def _body(self) -> bytes:
        encoding = self.headers.get("content-encoding", "").lower()
        if encoding not in _ENCODINGS:
            raise ValueError(f"a request is encoded as {encoding}, which is not read here")
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            length = int(self.headers.get("content-length") or 0)
            whole = self.rfile.read(length)
            if len(whole) < length:
                raise ConnectionAbortedError("the program was ended in the middle of its request")
            return whole
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send_document(self, document: Document) -> None:
        body = json.dumps(document.body, ensure_ascii=False).encode()
        self.send_response(document.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for name, value in document.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_stream(self, stream: Stream) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("cache-control", "no-cache")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in stream.events:
            self._send_chunk(_written(event, raw=stream.raw_separators))
        match stream.then:
            case None | CutOff(how="end"):
                self.wfile.write(b"0\r\n\r\n")
            case CutOff(how="reset"):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
                self.close_connection = True
            case CutOff():
                self.close_connection = True
            case Silence():
                self._stay_silent()

    def _send_chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _stay_silent(self) -> None:
        self.server.stopped.wait()
        self.close_connection = True


def _written(event: Event, *, raw: bool) -> bytes:
    text = event.text
    if text is None:
        text = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
        for character, escape in () if raw else _SEPARATORS:
            text = text.replace(character, escape)
    name = "" if event.name is None else f"event: {event.name}\n"
    return f"{name}data: {text}\n\n".encode()
