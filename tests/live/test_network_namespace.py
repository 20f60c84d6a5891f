"""The namespace that live tests run in: loopback, and nothing else."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

import pytest
from network_namespace import NetworkNamespace

CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=10).close()
except OSError as error:
    sys.exit(error.errno or 1)
"""


def _connects(inside: NetworkNamespace, host: str, port: int) -> int:
    """0, or the error number."""
    command = inside.command([sys.executable, "-I", "-c", CONNECT, host, str(port)])
    return subprocess.run(command, check=False, timeout=60).returncode


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "2001:db8::1"])
def test_no_other_address_can_be_reached(in_namespace: NetworkNamespace, address: str) -> None:
    """The addresses are those kept for documentation, and a private one."""
    assert _connects(in_namespace, address, 443) in {errno.ENETUNREACH, errno.EADDRNOTAVAIL}


def test_a_socket_of_the_test_process_is_reached_from_inside_only(in_namespace: NetworkNamespace) -> None:
    with in_namespace.listen() as listener:
        host, port = listener.getsockname()
        assert host == "127.0.0.1"
        assert _connects(in_namespace, host, port) == 0
        refused = subprocess.run([sys.executable, "-I", "-c", CONNECT, host, str(port)], check=False, timeout=60)
        assert refused.returncode == errno.ECONNREFUSED


def test_a_command_is_its_own_process_with_its_own_end(in_namespace: NetworkNamespace) -> None:
    code = "import os, sys; print(os.getpid(), os.getuid(), flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        in_namespace.command([sys.executable, "-I", "-c", code]), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().split() == [b"%d" % process.pid, b"%d" % os.getuid()]
        process.send_signal(signal.SIGTERM)
    assert process.returncode == -signal.SIGTERM


def test_closing_it_ends_its_holder(in_namespace: NetworkNamespace) -> None:
    another = NetworkNamespace()
    first, second = another.listen(), another.listen()
    with first, second:
        assert first.getsockname() != second.getsockname()
    another.close()
