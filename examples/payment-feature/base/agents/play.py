"""A stand-in for an agent: `play.py ID` writes what is in `agents/ID/files` and answers `agents/ID/answer.json`."""

import shutil
import sys
from pathlib import Path

part = Path(__file__).parent / sys.argv[1]
shutil.copytree(part / "files", Path.cwd(), dirs_exist_ok=True)
sys.stdout.write((part / "answer.json").read_text(encoding="utf-8"))
