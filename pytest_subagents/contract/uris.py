"""References of a contract as URIs: joined to their base, and judged by what they then are, not by how they look."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from pytest_subagents.contract.documents import Document
from pytest_subagents.contract.pointers import Part, format_pointer
from pytest_subagents.contract.wording import shown

_ELSEWHERE: Final = (
    "write the schema into the contract (below '$defs') or into a file beside it; nothing is ever fetched"
)


def join(document: Document, at: tuple[Part, ...], base: str, reference: str) -> str:
    """`reference` made absolute from `base`."""
    if any(char <= " " or char in "\\\x7f" for char in reference):
        raise document.fault(at, f"{shown(reference)} is no URI reference")
    try:
        if not reference or reference.startswith("#"):
            return without_fragment(base) + reference
        urlsplit(reference)
        return reference if base.startswith("contract:") else urljoin(base, reference)
    except ValueError:
        raise document.fault(at, f"{shown(reference)} is no URI reference") from None


def without_fragment(uri: str) -> str:
    return urldefrag(uri)[0]


def fragment_of(document: Document, at: tuple[Part, ...], uri: str) -> str:
    """What stands behind the `#`, percent signs resolved."""
    return _unquoted(document, at, urldefrag(uri)[1])


def to_fragment(path: tuple[Part, ...]) -> str:
    """The reference that leads to `path` in the same document."""
    return "#" + quote(format_pointer(path), safe="/~!$&'()*+,;=:@-._")


def neighbour(contract: Document, document: Document, at: tuple[Part, ...], uri: str, reference: str) -> PurePosixPath:
    """The file that `uri` names, if it lies below the folder of the contract; the file system is not asked."""
    split = urlsplit(uri)
    name = shown(reference) if reference == uri else f"{shown(reference)} (that is {shown(uri)})"
    if contract.folder is None or split.scheme != "file" or split.netloc or split.query:
        raise document.fault(at, f"{name} leads out of the contract", hint=_ELSEWHERE)
    path = PurePosixPath(_unquoted(document, at, split.path))
    folder = PurePosixPath(_unquoted(document, at, urlsplit(contract.uri).path)).parent
    if path == folder or not path.is_relative_to(folder) or ".." in path.parts or "\x00" in str(path):
        raise document.fault(at, f"{name} leads out of the folder of the contract", hint=_ELSEWHERE)
    return path


def _unquoted(document: Document, at: tuple[Part, ...], text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise document.fault(at, f"{shown(text)} is no UTF-8 behind its percent signs") from None
