"""What keeps git from running anything but itself.

Every git command is code execution until proven otherwise: configuration, attributes, hooks and the environment all
name programs. The environment here is built from nothing, no configuration of the system or the person is read, and
what a repository's own configuration could still switch on is overridden by what has a higher rank, the environment
(`git help config`, `GIT_CONFIG_COUNT`). What no setting disables (filters, drivers of diff and merge) does not exist in
a git directory of our own: `private.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

Settings: TypeAlias = tuple[tuple[str, str], ...]

COMMANDS: Final = frozenset(
    {
        "apply",
        "cat-file",
        "check-ref-format",
        "checkout-index",
        "commit-tree",
        "config",
        "diff-index",
        "diff-tree",
        "hash-object",
        "init",
        "ls-files",
        "ls-tree",
        "merge-base",
        "merge-tree",
        "pack-objects",
        "read-tree",
        "rev-list",
        "rev-parse",
        "status",
        "unpack-objects",
        "update-index",
        "update-ref",
        "write-tree",
    }
)
"""The commands that are started at all. All are built in, so no alias can stand in for one; `submodule` is a script
that runs what a configuration says even under this guard."""

SETTINGS: Final[Settings] = (
    # Programs.
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.sshCommand", "false"),
    ("core.gitProxy", ""),
    ("core.pager", "cat"),
    ("core.editor", "false"),
    ("core.askPass", "false"),
    ("sequence.editor", "false"),
    ("credential.helper", ""),
    ("gpg.program", "false"),
    ("gpg.ssh.program", "false"),
    ("gpg.x509.program", "false"),
    ("commit.gpgSign", "false"),
    ("tag.gpgSign", "false"),
    ("log.showSignature", "false"),
    ("uploadpack.packObjectsHook", ""),
    ("protocol.allow", "never"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("rerere.enabled", "false"),
    # Repositories that are not where they seem to be. Nothing of a repository runs under this guard, so who owns it
    # does not matter, and in a container it is often somebody else.
    ("safe.bareRepository", "explicit"),
    ("safe.directory", "*"),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("diff.ignoreSubmodules", "all"),
    # Names that other systems take for `.git`.
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    # Bytes are bytes and modes are modes.
    ("core.attributesFile", "/dev/null"),
    ("core.excludesFile", "/dev/null"),
    ("core.quotePath", "true"),
    ("core.untrackedCache", "false"),
    ("core.splitIndex", "false"),
    ("core.safecrlf", "false"),
    ("apply.whitespace", "nowarn"),
    ("apply.ignoreWhitespace", "no"),
    ("advice.detachedHead", "false"),
)
"""Outranks every file. `diff.external` is not among them: set to nothing, it makes `git diff` die."""

OWN_SETTINGS: Final[Settings] = (
    ("core.bare", "false"),
    ("core.fileMode", "true"),
    ("core.symlinks", "true"),
    ("core.ignoreCase", "false"),
    ("core.precomposeUnicode", "false"),
    ("core.autocrlf", "false"),
    ("core.eol", "lf"),
    ("core.trustctime", "true"),
    ("core.checkStat", "default"),
)
"""For a git directory of our own, where nothing of the person's repository has to be respected."""

_WHO: Final = ("GIT_AUTHOR", "GIT_COMMITTER")

_FIXED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "HOME": "/dev/null",
        "XDG_CONFIG_HOME": "/dev/null",
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "SSH_ASKPASS": "false",
        "GIT_SSH_COMMAND": "false",
        "GIT_EDITOR": "false",
        "GIT_SEQUENCE_EDITOR": "false",
        "GIT_PAGER": "cat",
        # Also what `protocol.allow=never` does not hold: a repository's own `protocol.ext.allow` is more specific.
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        **{f"{who}_NAME": "pytest-subagents" for who in _WHO},
        **{f"{who}_EMAIL": "pytest-subagents@localhost" for who in _WHO},
        **{f"{who}_DATE": "1000000000 +0000" for who in _WHO},
    }
)


def environment(search: str, settings: Settings = ()) -> dict[str, str]:
    """All that git gets to know: `search` as PATH, the guard, and `settings`, which outrank the guard's."""
    numbered = enumerate((*SETTINGS, *settings))
    given = {
        name: text
        for number, (key, value) in numbered
        for name, text in ((f"GIT_CONFIG_KEY_{number}", key), (f"GIT_CONFIG_VALUE_{number}", value))
    }
    count = str(len(SETTINGS) + len(settings))
    return {**_FIXED, "PATH": search, "GIT_CONFIG_COUNT": count, **given}
