"""What is cut out of everything that is recorded: secrets, and the paths of one machine.

Redaction is a net. What it cannot find is listed in docs/recordings.md; keys that live a short time and a look at
what is committed are the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO, Final

from pytest_subagents.model.placeholders import SECRET
from pytest_subagents.transcript.lines import blocks
from pytest_subagents.transcript.redaction.chains import Chain, chains, settled
from pytest_subagents.transcript.redaction.cutting import Cut, Seeker, divided, merged, without
from pytest_subagents.transcript.redaction.lines import clean_line
from pytest_subagents.transcript.redaction.paths import Paths
from pytest_subagents.transcript.redaction.secret_values import unredactable
from pytest_subagents.transcript.redaction.user_patterns import compiled

_PATTERNS: Final = "redaction pattern"
_TOO_LONG: Final = SECRET.encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Redactor:
    """Built once for a run by `redactor_for`; redacting what is redacted changes nothing."""

    seeker: Seeker = field(default_factory=Seeker)
    paths: Paths = field(default_factory=Paths)

    def redact_text(self, text: str) -> str:
        """A text: standard error, an answer, a message; one that is JSON stays JSON.

        To be cut only afterwards, as half a secret is not found.
        """
        while True:
            new = self._plain(text)
            if new == text:
                return text
            text = new

    def redact_bytes(self, data: bytes) -> bytes:
        """A stream of JSON lines that is held in memory."""
        return b"".join(self.redact_lines([BytesIO(data).readlines()]))

    def redact_file(self, source: BinaryIO, target: BinaryIO) -> None:
        """A stream of JSON lines of any size, from file to file. A line that is too long to be held
        (`limits.LINE_BYTES`), which no reader of ours reads either, is dropped whole."""
        parts = ([_TOO_LONG] if block.overlong else block.lines for block in blocks(source))
        for data in self.redact_lines(parts):
            target.write(data)

    def redact_lines(self, parts: Iterable[list[bytes]]) -> Iterator[bytes]:
        """Lines with their ends, in parts of any size; as many come out as go in, clean ones byte for byte."""
        held: list[bytes] = []
        for part in parts:
            lines = [*held, *part]
            keep = settled(lines)
            self._clean(lines, keep)
            yield b"".join(lines[:keep])
            held = lines[keep:]
        self._clean(held, len(held))
        yield b"".join(held)

    def _plain(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        if self.seeker.may_be_in(data):
            text = clean_line(text, self.seeker)
            data = text.encode("utf-8", "surrogatepass")
        if self.paths.may_be_in(data):
            return self.paths.replaced(data).decode("utf-8", "surrogatepass")
        return text

    def _clean(self, lines: list[bytes], keep: int) -> None:
        """Cleans the first `keep` lines; of the others only what began in these."""
        together = b"".join(lines[:keep])
        secret, pathed = self.seeker.may_be_in(together), self.paths.may_be_in(together)
        changed = self._clean_chains(lines, keep)
        if secret or pathed:
            changed |= {number for number in range(keep) if self._clean_one(lines, number, secret, pathed)}
        while changed:
            changed |= self._clean_chains(lines, keep)
            changed = {number for number in changed if number < keep and self._clean_one(lines, number, True, True)}

    def _clean_one(self, lines: list[bytes], number: int, secret: bool, pathed: bool) -> bool:
        """Cleans one line of secrets, of paths or of both; says whether there was something in it."""
        line = new = lines[number]
        if secret and self.seeker.may_be_in(line):
            text = line.decode("utf-8", "surrogateescape")
            new = clean_line(text, self.seeker).encode("utf-8", "surrogateescape")
        if pathed and self.paths.may_be_in(new):
            new = self.paths.replaced(new)
        lines[number] = new
        return new != line

    def _clean_chains(self, lines: list[bytes], keep: int) -> set[int]:
        """Cleans texts that came in parts; gives the lines in which there was something."""
        found: dict[int, list[Cut]] = {}
        for chain in chains(lines):
            if chain.parts[0].line < keep:
                for number, cut in self._cuts_of(chain, keep):
                    found.setdefault(number, []).append(cut)
        for number, cuts in found.items():
            # Places are those of bytes, so the line is looked at as if each were a character.
            line = lines[number].decode("latin-1")
            lines[number] = without(line, merged(cuts)).encode("latin-1")
        return set(found)

    def _cuts_of(self, chain: Chain, keep: int) -> Iterator[tuple[int, Cut]]:
        """What of a chain is secret and begins in the first `keep` lines, as parts of its lines."""
        data = b"".join(part.data for part in chain.parts)
        text = data.decode("utf-8", "surrogateescape")
        cuts = self.seeker.cuts(text, escaped=chain.escaped) if self.seeker.may_be_in(data) else []
        if chain.escaped:
            cuts = merged([*cuts, *self.paths.cuts(text)])
        if not cuts:
            return
        pieces = [part.data.decode("utf-8", "surrogateescape") for part in chain.parts]
        for cut in cuts:
            owned = [(index, own) for index, found in enumerate(divided([cut], pieces)) for own in found]
            if chain.parts[owned[0][0]].line >= keep:
                return
            for index, own in owned:
                part, piece = chain.parts[index], pieces[index]
                start, end = (
                    part.start + len(piece[:at].encode("utf-8", "surrogateescape")) for at in (own.start, own.end)
                )
                yield part.line, Cut(start, end, own.what, own.put)


def redactor_for(
    *,
    secrets: Iterable[str] = (),
    workspaces: Iterable[str] = (),
    homes: Iterable[str] = (),
    temporaries: Iterable[str] = (),
    patterns: Iterable[str] = (),
    where: str = _PATTERNS,
) -> Redactor:
    """What redacts `secrets` (values too short are passed over: `secret_values.secrets_of` tells of them), the paths,
    also as they are behind links, known forms of tokens, and matches of a person's `patterns`.

    `BadUsage`, with `where` as its place, for a pattern that cannot be used.
    """
    values = [value for value in secrets if unredactable(value) is None]
    return Redactor(
        seeker=Seeker(values, compiled(patterns, where=where)),
        paths=Paths(workspaces=workspaces, homes=homes, temporaries=temporaries),
    )
