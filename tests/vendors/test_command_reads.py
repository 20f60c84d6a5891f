"""What a shell command reads: what is certain is told, and what is not counts as not known."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_subagents.model.limits import COMMAND_CHARS, COMMAND_DEPTH, COMMAND_WORDS
from pytest_subagents.vendors.command_reads import command_reads
from pytest_subagents.vendors.reading_programs import FORMS, NOTHING

PIECES = st.sampled_from(
    [
        *("cat", "grep", "-r", "rg", "sed", "-n", "'1p'", "head", "-5", "cd", "src", "a.py", "*.py", "$x", "$(", "`"),
        *("'", '"', "\\", "|", "&&", ";", "(", ")", "<", "<<", "2>&1", ">", "\n", "bash", "-c", "{", "}", "EOF", "#"),
        *("find", "-exec", "git", "diff", "--", "-", "{a,b}", "--include=*.py", "é", "\0", "\ud800", "for", "!"),
    ]
)


def told(command: str, folder: str | None = "") -> list[str]:
    """`read a.py`, and `?` for each part that is not known."""
    found = command_reads(command, folder)
    return [f"{touch.use} {touch.path}" for touch in found.touches] + ["?"] * found.unknown


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cat a.py b.py", ["read a.py", "read b.py"]),
        ("cat -n ./a.py | head -20 | tail -n +3 | wc -l", ["read ./a.py"]),
        ("head -c 100 a; tail -5 b; tail -n5 c", ["read a", "read b", "read c"]),
        ("nl -ba src/a.py | sed -n '1,20p'", ["read src/a.py"]),
        ("sed -n 1,200p a.py", ["read a.py"]),
        ("sed -i.bak 's/a/b/' a.py", ["read a.py"]),
        ("sed -e 1p -e 2p a.py", ["read a.py"]),
        ("sed -nf script.sed a.py", ["read script.sed", "read a.py"]),
        ("awk -F: '{print $1}' a.txt", ["read a.txt"]),
        ("awk '{while ((getline line < \"b\") > 0) print}' a", ["?"]),
        ("jq -r .name package.json", ["read package.json"]),
        ("jq --slurpfile a b . c", ["?"]),
        ("cat < in.txt", ["read in.txt"]),
        ("cat <<< text", []),
        ("cat 'a b' \"c d\" e\\ f", ["read a b", "read c d", "read e f"]),
        ("cat src/*.py", ["searched src/*.py"]),
        ("cat '*.py'", ["read *.py"]),
        ("cat 'a*'*", ["searched a[*]*"]),
        ("cat {a,b}.py", ["searched {a,b}.py"]),
        ("cat a{1..3}", ["?"]),
        ("cat a.py $FILE", ["read a.py", "?"]),
        ("cat ~/notes /etc/hosts", ["read ~/notes", "read /etc/hosts"]),
        ("cat - /dev/null /dev/stdin", []),
        ("cat --nope a", ["?"]),
        ("cat -Z a", ["?"]),
        ("cat -- -n", ["read -n"]),
        ("diff a b; diff -r c d", ["read a", "read b", "searched c", "searched d"]),
        ("cp a b; cp -r c d", ["read a", "searched c"]),
        ("grep -n 'def f' a.py b.py", ["read a.py", "read b.py"]),
        ("grep -A3 -B 2 x a.py", ["read a.py"]),
        ("grep -e x -e y a.py", ["read a.py"]),
        ("grep -f words a.py", ["read words", "read a.py"]),
        ("grep -rn x", ["searched ."]),
        ("cat a | grep x", ["read a"]),
        ("grep -r --include=*.py --exclude-dir node_modules x src tests", ["searched src", "searched tests"]),
        ("rg x", ["searched ."]),
        ("cat a | rg x", ["read a"]),
        ("rg -n -g '*.py' x src/a.py", ["searched src/a.py"]),
        ("rg --files src", ["listed src"]),
        ("rg --pre cat x", ["?"]),
        ("ls", ["listed ./*"]),
        ("ls -la src /tmp", ["listed src/*", "listed /tmp/*"]),
        ("ls -R src", ["listed src"]),
        ("tree -L 2 -I node_modules src", ["listed src"]),
        ("find", ["listed ."]),
        ("find src tests -name '*.py' -type f", ["listed src", "listed tests"]),
        ("find . \\( -name a -o -name b \\) -exec grep -l x {} +", ["searched ."]),
        ("find . -name a -exec python x {} \\;", ["?"]),
        ("find . -print0 | xargs -0 cat", ["listed .", "?"]),
        ("git status --short && git log --oneline -5", []),
        ("git diff --stat", []),
        ("git diff", ["?"]),
        ("git log -p", ["?"]),
        ("git show HEAD:a.py", ["?"]),
        ("git -C x status", ["?"]),
        ("echo done; true; mkdir -p a; [ -f b ] && test -d c", []),
        ("python x.py && pytest", ["?", "?"]),
        ("X=1 Y=2 cat a", ["read a"]),
        ("time timeout 10 env A=b nohup cat a", ["read a"]),
        ("command -v rg", []),
        ("! grep -q x a", ["read a"]),
        ("{ cat a; cat b; }", ["read a", "read b"]),
        ("/usr/bin/cat a", ["read a"]),
        ("$EDITOR a", ["?"]),
        ("cat a # cat b", ["read a"]),
        ("cat a#b", ["read a#b"]),
        ("cat a 2>/dev/null >out 2>&1 &", ["read a"]),
        ("cat a \\\n  b", ["read a", "read b"]),
        ("cat > x <<'EOF'\n$(cat no)\ncat no\nEOF\ncat y", ["read y"]),
        ("cat <<-EOF\n\tno\n\tEOF\ncat y", ["read y"]),
        ("cat <<EOF\n$(cat secret)\nEOF\n", ["?"]),
        ("cat <<EOF\nnever ends", []),
        ('cat "$(cat x)"', ["?"]),
        ("cat `ls`", ["?"]),
        ("cat $(ls)", ["?"]),
        ("diff <(cat a) <(cat b)", ["?"]),
        ("cat $'a'", ["?"]),
        ("echo '$(cat a)' \"\\$(cat b)\"", []),
        ("cat 'unended", ["?"]),
        ("for f in a b; do cat $f; done", ["?"]),
        ("if [ -f a ]; then cat a; fi", ["?"]),
        ("f() { cat a; }", ["?"]),
        ("eval 'cat a'", ["?"]),
        ("source a.sh", ["?"]),
        (") cat a", ["?"]),
        ("", []),
    ],
)
def test_what_a_command_reads(command: str, expected: list[str]) -> None:
    assert told(command) == expected


@pytest.mark.parametrize(
    ("command", "folder", "expected", "after"),
    [
        ("cd src && cat a", "", ["read src/a"], "src"),
        ("cd src; cd x; cat a", "", ["read src/x/a"], "src/x"),
        ("cd /w/src && cat a", "", ["read /w/src/a"], "/w/src"),
        ("(cd src && cat a); cat b", "", ["read src/a", "read b"], ""),
        ("bash -lc 'cd src && cat a' && cat b", "", ["read src/a", "read b"], ""),
        ("cd src && ls && rg x", "", ["listed src/./*", "searched src/."], "src"),
        ("cd $X && cat a /b", "", ["read /b", "?"], None),
        ("cd; cat a", "", ["?"], None),
        ("cd - && cat a", "", ["?"], None),
        ("pushd src && cat a", "", ["?"], None),
        ("cat a", None, ["?"], None),
        ("cd /w && cat a", None, ["read /w/a"], "/w"),
        ("cd src && cat a", None, ["?"], None),
        ("cd '[x]' && cat *.py", "", ["searched [[]x]/*.py"], "[x]"),
    ],
)
def test_where_a_command_is(command: str, folder: str | None, expected: list[str], after: str | None) -> None:
    assert told(command, folder) == expected
    assert command_reads(command, folder).folder == after


@pytest.mark.parametrize("shell", ["bash -lc", "/bin/zsh -lc", "sh -c", "bash -euo pipefail -c", "sh -e -c"])
def test_a_shell_in_a_shell_is_looked_into(shell: str) -> None:
    assert told(f"{shell} 'cat a | head'") == ["read a"]
    assert told(f'{shell} "cat \\"a b\\" c"') == ["read a b", "read c"]
    assert told(f"{shell} 'for x in y; do z; done'") == ["?"]
    assert told("bash script.sh") == ["?"]


def test_shells_are_looked_into_only_so_deep() -> None:
    command = "cat a"
    for depth in range(COMMAND_DEPTH + 2):
        assert told(command) == (["read a"] if depth <= COMMAND_DEPTH else ["?"])
        command = f"sh -c '{command}'" if "'" not in command else f"sh -c {quoted(command)}"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


@pytest.mark.parametrize("command", ["cat " + "a " * COMMAND_WORDS, "cat " + "a" * COMMAND_CHARS])
def test_of_what_is_too_long_nothing_is_known(command: str) -> None:
    assert told(command) == ["?"]
    assert len(told(command[: COMMAND_WORDS // 2])) > 0


def test_no_program_is_in_both_tables() -> None:
    assert not FORMS.keys() & NOTHING


@given(st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join)), st.sampled_from(["", None]))
@example("cat " + "1" * 5_000 + "'", "")
def test_no_text_is_too_much(command: str, folder: str | None) -> None:
    found = command_reads(command, folder)
    assert len(found.touches) <= 2 * len(command) + 2
    assert found == command_reads(command, folder)


@given(st.lists(st.text(min_size=1).filter(lambda name: not name.startswith(("-", "/", "~"))), min_size=1, max_size=4))
def test_names_in_quotes_are_read_as_they_are(names: list[str]) -> None:
    assert told(f"cat {' '.join(map(quoted, names))}") == [f"read {name}" for name in names]
