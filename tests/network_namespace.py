"""A network namespace that has only loopback: what runs in it can reach a model server of ours and nothing else.

A holder process keeps the namespace open. It makes listening sockets there and hands them over, so that a server can be
a thread of the test process, with all its state at hand, while it is reachable from inside the namespace only.
Commands enter by `nsenter`, which becomes the command: its process id, signals and exit code are the command's own.

Needs `unshare` and `nsenter` (util-linux), and the right to use them: root's, or that of unprivileged user namespaces.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_READY: Final = b"r"
_LISTEN: Final = b"l"
_BACKLOG: Final = 128
# linux/sockios.h and linux/if.h
_SIOCGIFFLAGS: Final = 0x8913
_SIOCSIFFLAGS: Final = 0x8914
_IFF_UP: Final = 1


class UnavailableError(Exception):
    """This machine gives us no network namespace; says why in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """A way to a namespace: how its holder starts, and which of the holder's namespaces a command enters."""

    holder: tuple[str, ...]
    enters: tuple[str, ...]


_WAYS: Final = (
    _Way(holder=("--net",), enters=("--net=/proc/{pid}/ns/net",)),
    # Keeps the own user id inside; the capabilities are for the holder, which must bring loopback up.
    _Way(
        holder=("--user", "--map-current-user", "--keep-caps", "--net"),
        enters=("--preserve-credentials", "--user=/proc/{pid}/ns/user", "--net=/proc/{pid}/ns/net"),
    ),
)


class NetworkNamespace:
    """An open namespace; `close` ends its holder. What still runs inside keeps it alive, without a way out."""

    def __init__(self) -> None:
        """Raises `UnavailableError`."""
        for program in ("unshare", "nsenter"):
            if shutil.which(program) is None:
                raise UnavailableError(f"there is no `{program}` (util-linux)")
        complaints: list[str] = []
        for way in _WAYS:
            try:
                self._holder, self._channel = _hold(way)
            except UnavailableError as error:
                complaints.append(str(error))
            else:
                self._enters = tuple(word.format(pid=self._holder.pid) for word in way.enters)
                return
        raise UnavailableError("; ".join(complaints))

    def listen(self) -> socket.socket:
        """A socket that listens on a free port of 127.0.0.1 in there."""
        self._channel.sendall(_LISTEN)
        _, descriptors, _, _ = socket.recv_fds(self._channel, 1, 1)
        return socket.socket(fileno=descriptors[0])

    def command(self, argv: Sequence[str]) -> tuple[str, ...]:
        """The command line that runs `argv` in there."""
        return ("nsenter", *self._enters, "--", *argv)

    def close(self) -> None:
        self._channel.close()
        self._holder.wait()


def _hold(way: _Way) -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs, tempfile.TemporaryFile() as complaint:
        holder = subprocess.Popen(
            ["unshare", *way.holder, "--", sys.executable, "-I", __file__, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaint,
            pass_fds=(theirs.fileno(),),
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
            # A Ctrl-C at the terminal is for the tests: they close their namespace themselves.
            start_new_session=True,
        )
        theirs.close()
        if ours.recv(1) == _READY:
            return holder, ours
        ours.close()
        code = holder.wait()
        complaint.seek(0)
        words = complaint.read().decode(errors="replace").strip().splitlines()
        raise UnavailableError(words[-1] if words else f"`unshare {' '.join(way.holder)}` ended with {code}")


def _serve_holder(channel: socket.socket) -> None:
    """Runs inside: brings loopback up, then hands out listening sockets until the other side is gone."""
    _bring_up(b"lo")
    channel.sendall(_READY)
    while channel.recv(1) == _LISTEN:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(_BACKLOG)
            socket.send_fds(channel, [_READY], [listener.fileno()])


def _bring_up(interface: bytes) -> None:
    request = struct.pack("16sh14x", interface, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        found = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request)
        (flags,) = struct.unpack_from("h", found, 16)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", interface, flags | _IFF_UP))


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as inherited:
        _serve_holder(inherited)
