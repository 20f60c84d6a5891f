"""How each vendor's program is pointed at a model server: its own configuration, and variables of the environment.

Only what a person would write to use another provider stands here. What keeps a program quiet and harmless (updates,
telemetry, plugins, sandbox) is the business of whoever starts it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

KEY: Final = "sk-scripted-0123456789abcdef"
"""The key that every program gets. It looks like one, so that a test can look for it where no key may be."""
RETRIES: Final = 2
"""So often the programs try again by themselves, where they can be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointing:
    """What makes a program use the server."""

    folder: str
    """The program's own configuration folder, below HOME."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Texts by their path in that folder: what goes into a `home`."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables of the environment, whose names go into `env`."""
    model: str
    """A model that the program and its configuration know."""
    arrives_as: str
    """The name of that model in the requests."""


def home_and_env(vendor: str, url: str, *, retries: int = RETRIES) -> Pointing:
    """For the program of `vendor` and the server at `url`, with so many retries of its own as far as it listens."""
    return _POINTINGS[vendor](url, retries)


def _codex(url: str, retries: int) -> Pointing:
    # Requests that fail are tried again for each try of a stream; so one of the two is enough.
    text = f"""\
model = "gpt-5.5"
model_provider = "scripted"

[model_providers.scripted]
name = "Scripted"
base_url = "{url}/v1"
env_key = "CODEX_API_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = {retries}
supports_websockets = false
"""
    return Pointing(
        folder=".codex", files={"config.toml": text}, env={"CODEX_API_KEY": KEY}, model="gpt-5.5", arrives_as="gpt-5.5"
    )


def _claude(url: str, retries: int) -> Pointing:
    env = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": KEY, "CLAUDE_CODE_MAX_RETRIES": str(retries)}
    return Pointing(folder=".claude", env=env, model="claude-sonnet-5", arrives_as="claude-sonnet-5")


def _gemini(url: str, retries: int) -> Pointing:
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "general": {"maxAttempts": retries + 1},
    }
    env = {"GOOGLE_GEMINI_BASE_URL": url, "GEMINI_API_KEY": KEY}
    return Pointing(
        folder=".gemini",
        files={"settings.json": _json(settings)},
        env=env,
        model="gemini-2.5-flash",
        arrives_as="gemini-2.5-flash",
    )


def _opencode(url: str, retries: int) -> Pointing:
    del retries  # it has no such setting
    limits = {"limit": {"context": 128000, "output": 8192}, "cost": {"input": 1, "output": 2}}
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "Scripted",
        "options": {"baseURL": f"{url}/v1", "apiKey": "{env:SCRIPTED_API_KEY}"},
        "models": {"large": {"name": "Large", **limits}, "small": {"name": "Small", **limits}},
    }
    settings = {"model": "scripted/large", "small_model": "scripted/small", "provider": {"scripted": provider}}
    return Pointing(
        folder=".config/opencode",
        files={"opencode.json": _json(settings)},
        env={"SCRIPTED_API_KEY": KEY},
        model="scripted/large",
        arrives_as="large",
    )


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


_POINTINGS: Final[Mapping[str, Callable[[str, int], Pointing]]] = MappingProxyType(
    {"codex": _codex, "claude": _claude, "gemini": _gemini, "opencode": _opencode}
)
