"""A real sshd on loopback, in a mount namespace in which one folder is empty: another machine, as far as files go.

Debian's openssh-server. Its port, its keys and its configuration are the test's own, and it takes nobody but who has
the test's key. It runs as root, which a namespace of mounts needs.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from requirements import is_missing

NAME: Final = "sshd"
_PATIENCE: Final = 30.0
_SERVER: Final = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
"""
_CLIENT: Final = """\
Host elsewhere
  HostName 127.0.0.1
  Port {port}
  User root
  IdentityFile {folder}/user
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known
  StrictHostKeyChecking accept-new
  BatchMode yes
"""
_HIDDEN: Final = 'mount -t tmpfs none "$1" && shift && exec "$@"'


@contextmanager
def sshd(folder: Path, *, hidden: Path) -> Iterator[str]:
    """While it runs: how `--tx` names it (`ssh=-F FILE elsewhere`). Skips, or fails, where it cannot run."""
    program = shutil.which("sshd") or "/usr/sbin/sshd"
    if not os.path.exists(program) or shutil.which("ssh") is None:
        is_missing(NAME, "openssh-server or openssh-client is not installed")
    if os.getuid() != 0:
        is_missing(NAME, "only root can hide a folder from it")
    os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # where it locks itself in; Debian's service makes it
    folder.mkdir(parents=True)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "server").write_text(_SERVER.format(port=port, folder=folder), encoding="utf-8")
    (folder / "client").write_text(_CLIENT.format(port=port, folder=folder), encoding="utf-8")
    command = ["unshare", "--mount", "--propagation=private", "--", "sh", "-ec", _HIDDEN, "sh", str(hidden)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, program, "-D", "-e", "-f", folder / "server"], stderr=log)
    try:
        _wait(process, port, folder / "log")
        yield f"ssh=-F {folder / 'client'} elsewhere"
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    is_missing(NAME, f"it does not start: {log.read_text(encoding='utf-8', errors='replace')[-500:]}")
