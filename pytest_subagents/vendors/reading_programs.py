"""The programs of which it is known which files they read.

By the manuals of GNU coreutils, grep, diffutils and sed, of ripgrep, fd, tree, bat and jq. An option that is not listed
makes a command one of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_subagents.vendors.program_arguments import Form


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SUMS: Final = Form(flags="bctwz", long=_names("check binary text quiet status strict"))
_GREP_LONG: Final = _names(
    "ignore-case line-number recursive files-with-matches files-without-match count word-regexp line-regexp "
    "extended-regexp fixed-strings perl-regexp basic-regexp only-matching no-filename with-filename quiet silent "
    "invert-match no-messages text null byte-offset color colour dereference-recursive line-buffered"
)
_GREP_VALUED: Final = _names(
    "include exclude exclude-dir regexp file max-count context after-context before-context color colour label "
    "binary-files directories devices"
)
_GREP: Final = Form(
    flags="acEFGHIPRTUZhilLnoqrsvwxyzb",
    valued="ABCDdefm",
    long=_GREP_LONG,
    long_valued=_GREP_VALUED - {"color", "colour"},
    leading=1,
    instead=_names("e f regexp file"),
    recursive=_names("r R recursive dereference-recursive"),
    files=_names("f file"),
    otherwise=".",
    numbers=True,
)
_RG: Final = Form(
    use="searched",
    flags="abcFHIiLlNnopPqSsUuvwxz0.",
    valued="ABCEefgjMmrTtd",
    long=_names(
        "ignore-case smart-case case-sensitive line-number no-line-number files-with-matches files-without-match "
        "count count-matches word-regexp line-regexp fixed-strings pcre2 only-matching no-filename with-filename "
        "heading no-heading hidden no-ignore no-ignore-vcs multiline multiline-dotall vimgrep json quiet invert-match "
        "column trim pretty null stats text follow no-messages files no-config unrestricted"
    ),
    long_valued=_names(
        "glob iglob type type-not context after-context before-context max-count max-depth max-columns max-filesize "
        "regexp file replace sort sortr color colors threads encoding engine"
    ),
    leading=1,
    instead=_names("e f regexp file files"),
    listing=_names("files"),
    files=_names("f file"),
    otherwise=".",
)
_PAGER: Final = Form(flags="EFKMNRSXginqrs", numbers=True)
_SED: Final = Form(
    flags="Enrsuz",
    valued="efl",
    attached="i",
    long=_names("quiet silent regexp-extended separate unbuffered null-data posix in-place debug sandbox"),
    long_valued=_names("expression file line-length"),
    leading=1,
    instead=_names("e f expression file"),
    files=_names("f file"),
)
_AWK: Final = Form(valued="Ffv", leading=1, instead=_names("f"), files=_names("f"))
_ENDS: Final = Form(
    flags="fFqvz", valued="cn", long=_names("quiet verbose silent"), long_valued=_names("lines bytes"), numbers=True
)
_LS: Final = Form(
    use="listed",
    flags="1AaBbCcdFfGgHhiklLmnNopQqRrSstUuvXxZ",
    valued="ITw",
    long=_names(
        "all almost-all author directory classify file-type full-time group-directories-first human-readable inode "
        "no-group numeric-uid-gid recursive reverse si size dereference color time-style"
    ),
    long_valued=_names("ignore hide sort time format width block-size"),
    recursive=_names("R recursive"),
    otherwise=".",
    shallow=True,
)
_TREE: Final = Form(
    use="listed",
    flags="adfiaACDFhJlnpQrsStuUvXq",
    valued="HIPLo",
    long=_names("dirsfirst filesfirst noreport du prune gitignore matchdirs ignore-case"),
    long_valued=_names("filelimit charset"),
    otherwise=".",
)
_DIFF: Final = Form(
    flags="abBcdEeiNpqrsTtuwyZ",
    valued="CFILSUWx",
    long=_names("brief recursive unified side-by-side ignore-all-space ignore-space-change new-file text color"),
    long_valued=_names("exclude label width"),
    recursive=_names("r recursive"),
    numbers=True,
)
_COPY: Final = Form(
    flags="adfHiLlnPpRrsTuvx",
    long=_names("archive force recursive verbose no-clobber update parents preserve"),
    recursive=_names("a R r archive recursive"),
    targets=1,
)

FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        "cat": Form(flags="AbEenstTuv", long=_names("number show-all number-nonblank squeeze-blank")),
        "tac": Form(flags="br", valued="s"),
        "rev": Form(),
        "nl": Form(flags="p", valued="bdfhilnsvw"),
        "head": _ENDS,
        "tail": Form(
            flags="fFqvzr", valued="cns", long=_names("quiet verbose follow"), long_valued=_names("lines bytes"),
            numbers=True,
        ),
        "less": _PAGER,
        "more": _PAGER,
        "bat": Form(flags="Apnu", valued="lr", long=_names("plain number"), long_valued=_names("style paging color")),
        "batcat": Form(flags="Apnu", valued="lr", long=_names("plain number"), long_valued=_names("style paging")),
        "wc": Form(flags="cLlmw", long=_names("lines words bytes chars max-line-length")),
        "sort": Form(
            flags="bCcdfghiMmnRrsuVz", valued="kSTt", long=_names("reverse unique numeric-sort version-sort"),
            long_valued=_names("key field-separator"),
        ),
        "uniq": Form(flags="cdDiuz", valued="fsw", long=_names("count repeated unique")),
        "cut": Form(flags="nsz", valued="bcdf", long_valued=_names("delimiter fields characters bytes")),
        "paste": Form(flags="sz", valued="d"),
        "comm": Form(flags="123z"),
        "join": Form(flags="iz", valued="aejotv12"),
        "column": Form(flags="exnt", valued="cNosRHTOWd"),
        "fold": Form(flags="bs", valued="w"),
        "expand": Form(flags="i", valued="t"),
        "od": Form(flags="abcdfhilosvx", valued="ANSjtw"),
        "xxd": Form(flags="abCEeipru", valued="cglos"),
        "hexdump": Form(flags="bCcdovx", valued="efns"),
        "strings": Form(flags="af", valued="entTo"),
        "file": Form(flags="bhikLNrsSzZ0", valued="efFmP", long=_names("brief mime mime-type"), files=_names("f")),
        "cmp": Form(flags="bls", valued="in", long=_names("silent quiet verbose")),
        "diff": _DIFF,
        "md5sum": _SUMS,
        "sha1sum": _SUMS,
        "sha256sum": _SUMS,
        "shasum": Form(flags="bctUp", valued="a"),
        "cksum": Form(),
        "jq": Form(
            flags="CMSacejnrsR", valued="f", long=_names("raw-output compact-output slurp raw-input null-input"),
            leading=1, instead=_names("f"), files=_names("f"),
        ),
        "sed": _SED,
        "awk": _AWK,
        "gawk": _AWK,
        "mawk": _AWK,
        "grep": _GREP,
        "egrep": _GREP,
        "fgrep": _GREP,
        "rg": _RG,
        "ls": _LS,
        "dir": _LS,
        "tree": _TREE,
        "du": Form(use="listed", flags="aAbchHkLlmPsSx0", valued="dtB", long_valued=_names("max-depth"), otherwise="."),
        "fd": Form(use="listed", flags="HIipLaugsF0q", valued="tedESj", leading=1, otherwise="."),
        "stat": Form(use="listed", flags="fLt", valued="c", long_valued=_names("format printf"), shallow=True),
        "cp": _COPY,
    }
)  # fmt: skip
"""By the name of the program."""

NOTHING: Final = _names(
    ": true false echo printf pwd test [ exit return wait sleep date whoami id uname hostname groups which type hash "
    "export unset set shopt ulimit umask alias local declare readonly seq tee tr yes basename dirname realpath "
    "readlink mkdir rmdir rm mv touch chmod chown ln mktemp kill ps jobs df free nproc tput clear apply_patch"
)
"""Programs that read no file of the workspace."""
