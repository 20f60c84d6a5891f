"""Secrets are where they must be and nowhere else: for others on the machine, for agents, for what is committed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Final

import psutil
from fault_table import CLIS, VENDORS
from live.faults.cast import Hangs, Part, Play, Runs, Theatre, make_play
from live.faults.claims import claims
from live.faults.ordinary_user import as_ordinary_user, by_ordinary_user
from live.faults.stage import MARK, Running, commit, until
from model_servers.pointing import KEY, home_and_env

CANARY: Final = f"CANARY_{uuid.uuid4().hex}"
_ALONE: Final = ("codex",)
"""Whose sandbox ends what a command leaves behind."""
SECRETS: Final = {
    CANARY: "canary-d41d8cd98f00b204",
    "SPY_TOKEN": "spy-5d41402abc4b2a76",
    "PEER_TOKEN": "peer-7215ee9c7d9dc229",
}
_LOOKS: Final = f"""\
cat /proc/[0-9]*/environ 2>/dev/null | tr '\\000' '\\n' > "$TMPDIR/seen"
setsid sh -c 'sleep 600; : {{daemon}}' > /dev/null 2>&1 &
echo "canaries=$(grep -c ^{CANARY}= "$TMPDIR/seen") $(grep -q ^PATH= "$TMPDIR/seen" && echo readable)"
"""
"""A script of the repository, as Gemini and OpenCode do not run whatever looks dangerous."""
INTERRUPTED: Final = 2


@claims("secrets-in-argv", "secrets-in-parent-environment", "peers-of-the-same-user", "daemonises", vendors=VENDORS)
def test_two_agents_at_once_find_no_secret_but_their_own(vendor: str, theatre: Theatre) -> None:
    """Both hang; one has looked around by a shell command before, and left a process behind."""
    daemon = f"{theatre.folder}/daemon"
    looks = Runs(command="sh look.sh", prints="canaries=0 readable", then=Hangs())
    spy = Part(id="spy", does=looks, keys={"scope": {"write": ["out/**"]}, **_with_key(vendor, "SPY_TOKEN")})
    peer = Part(id="peer", does=Hangs(), keys=_with_key(vendor, "PEER_TOKEN"))
    play = make_play(theatre, vendor, spy, peer)
    (play.stage.folder / "look.sh").write_text(_LOOKS.format(daemon=daemon), encoding="utf-8")
    commit(play.stage.folder)
    play = _with_secrets(play, theatre)
    with play.stage.running("-n", "2") as running:
        for id in ("spy", "peer"):
            play.wait_until_hangs(running, id)
        until(lambda: "canaries=0 readable" in running.stream("spy"), "what the spy found")
        assert any(daemon in words for words in play.stage.alive()) == (vendor not in _ALONE)
        for process in (psutil.Process(running.pid), *(running.worker(id) for id in ("spy", "peer"))):
            assert _refused(process), f"others of the user can read the environment of {process}"
        for id, own, other in (("spy", "SPY_TOKEN", "PEER_TOKEN"), ("peer", "PEER_TOKEN", "SPY_TOKEN")):
            assert not any(name in running.warden(id).environ() for name in SECRETS)
            _check_agent(running.tree(id), SECRETS[own], SECRETS[other])
            _check_home(_home(running, id), play.stage.folder, other=SECRETS[other])
        for process in psutil.Process(running.pid).children(recursive=True):
            assert not any(secret in word for word in process.cmdline() for secret in (KEY, *SECRETS.values()))
        running.signal(signal.SIGTERM)
        assert running.wait() == INTERRUPTED, running.said
    for path in (path for path in play.stage.folder.rglob("*") if path.is_file()):
        assert not any(secret.encode() in path.read_bytes() for secret in (KEY, *SECRETS.values())), path
    assert not any(secret in running.said for secret in (KEY, *SECRETS.values()))
    assert not play.stage.report()["complete"]
    play.check_nothing_left()


def _refused(process: psutil.Process) -> bool:
    """Whether another process of the same user may not look into this one's environment."""
    looks = as_ordinary_user("cat", f"/proc/{process.pid}/environ")
    done = subprocess.run(looks, capture_output=True, check=False)
    return done.returncode != 0 and b"Permission denied" in done.stderr


def _check_agent(tree: list[psutil.Process], own: str, other: str) -> None:
    """All that it was started with; its own key must be there, as it could not work without it."""
    environments = [list(process.environ().values()) for process in tree]
    assert all(own in values for values in environments[:1])
    assert not any(secret in values for values in environments for secret in (other, SECRETS[CANARY]))


def _home(running: Running, id: str) -> Path:
    return Path(running.tree(id)[0].environ()["HOME"])


def _check_home(home: Path, project: Path, *, other: str) -> None:
    """For its user alone, and nowhere in the repository, so that no tool of another agent leads to it."""
    assert not home.is_relative_to(project)
    assert all(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in (home, *home.parents[:3]))
    for path in (path for path in home.rglob("*") if path.is_file() and not path.is_symlink()):
        assert other.encode() not in path.read_bytes(), path


def _with_key(vendor: str, name: str) -> dict[str, object]:
    """What lets a variable through to one agent."""
    names = home_and_env(vendor, "").env if vendor in CLIS else ()
    entry = {"env": [*names, MARK, name]}
    return {"vendors": {vendor if vendor in CLIS else "command": entry}}


def _with_secrets(play: Play, theatre: Theatre) -> Play:
    """Each agent has a key of its own, and the run one that is nobody's."""
    stage = replace(play.stage, env={**play.stage.env, **SECRETS})
    return replace(play, stage=by_ordinary_user(stage, *([] if play.server is None else _installed(theatre.clis()))))


def _installed(clis: Path) -> set[Path]:
    """The folder of the programs, and those that its links lead to."""
    found = (Path(os.path.realpath(program)) for program in clis.iterdir())
    return {clis, *(above for path in found for above in path.parents if above.name == "node_modules")}
