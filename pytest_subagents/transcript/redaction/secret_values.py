"""Which values are secrets: those of variables whose names say so, and of all that an agent was given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.placeholders import HOME, SECRET, TEMPORARY, WORKSPACE
from pytest_subagents.model.value import Value

_SECRET_NAME: Final = re.compile(
    r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASS|PWD|PASSPHRASE|CREDENTIAL|AUTH|COOKIE|BEARER|PAT|DSN|WEBHOOK)S?"
    r"(?:_(?:ID|VALUE|JSON|BASE64|B64|STRING|ENV|[0-9]+))*",
    re.IGNORECASE,
)
_PLACE_NAME: Final = re.compile(r"(?:FILE|PATH|DIR|DIRECTORY|SOCK|HOME|FOLDER)", re.IGNORECASE)
_NO_SECRET: Final = frozenset({"PWD", "OLDPWD", "GPG_KEY"})
"""Names of every shell, and of the official images of Python, for what everybody knows."""
_SETTING_NAME: Final = re.compile(
    r"(?:.*_)?(?:MODEL|REGION|LOCATION|LANG|TZ|ENV|MODE|LEVEL|VERSION|DEBUG)", re.IGNORECASE
)
"""Names of what an agent may be given that is no secret, and whose value is a word that stands everywhere."""
_ADDRESS: Final = re.compile(r"^[a-z][a-z0-9+.-]*://[^/\s:@]*:([^/\s@]+)@", re.IGNORECASE)
_LEAST_LEAF: Final = 20
"""Characters of a text inside a secret that is JSON (a service account) that is a secret of its own."""


class Secrets(Value, frozen=True, kw_only=True):
    """The values to redact, and what cannot be redacted, in words for a person (names of variables, no values)."""

    values: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret: `OPENAI_API_KEY`, `PGPASSWORD`, `AWS_SECRET_ACCESS_KEY`."""
    if name in _NO_SECRET or _PLACE_NAME.search(name.rpartition("_")[2]):
        return False
    return any(match.end() == len(name) for match in _SECRET_NAME.finditer(name))


def secrets_of(environ: Mapping[str, str], *, allowed: Iterable[str] = ()) -> Secrets:
    """The secrets among the variables of `environ`: those with telling names, and those of `allowed`, which an agent
    was given, but for plain settings (a model, a region).

    A value of less than `limits.SECRET_CHARS` characters is refused, as it would be found everywhere.
    """
    values: dict[str, None] = {}
    refused: list[str] = []
    given = frozenset(allowed)
    for name, value in sorted(environ.items()):
        if not value or not (is_secret_name(name) or (name in given and not _SETTING_NAME.fullmatch(name))):
            continue
        if (why := unredactable(value)) is not None:
            refused.append(f"{name} is not redacted: its value {why}")
            continue
        for part in _parts(value):
            values.setdefault(part)
    return Secrets(values=tuple(values), refused=tuple(refused))


def unredactable(value: str) -> str | None:
    """Why a value cannot be looked for, as words that follow `its value`; None where it can."""
    if len(value.strip()) < limits.SECRET_CHARS:
        return f"has less than {limits.SECRET_CHARS} characters"
    if any(value.strip().casefold() in placeholder for placeholder in (WORKSPACE, HOME, TEMPORARY, SECRET)):
        return "is a part of what stands in the place of secrets"
    return None


def _parts(value: str) -> Iterator[str]:
    """A secret, and what inside it is one by itself."""
    yield value.strip()
    if (address := _ADDRESS.match(value)) and unredactable(address[1]) is None:
        yield address[1]
    if value.lstrip().startswith(("{", "[")):
        try:
            yield from _leaves(json.loads(value))
        except (ValueError, RecursionError):
            return


def _leaves(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, item in value.items():
                if isinstance(item, str) and is_secret_name(str(key)) and unredactable(item) is None:
                    yield item.strip()
                else:
                    yield from _leaves(item)
        case list():
            for item in value:
                yield from _leaves(item)
        case str():
            if len(value) >= _LEAST_LEAF and not re.search(r"\s|://|@", value.strip()):
                yield value.strip()
