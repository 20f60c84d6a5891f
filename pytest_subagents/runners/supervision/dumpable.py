"""Keeps what this process knows from other processes of the same user."""

from __future__ import annotations

from pytest_subagents.runners.supervision.warden.kernel import hide_process


def hide_environment() -> None:
    """Makes `/proc/<pid>/environ` and the memory of this process unreadable for other processes of the same user.

    An agent gets an environment of its own, but could otherwise read that of its ancestors, with all secrets in it. It
    holds until this process runs another program; programs that it starts are as readable as ever. No effect against
    root, and none elsewhere than on Linux.
    """
    hide_process()
