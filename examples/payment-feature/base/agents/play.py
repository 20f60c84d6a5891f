"""A stand-in for an agent: `play.py ID` writes what is in `agents/ID/files` and answers `agents/ID/answer.json`.

What is called `NAME.more` there is put at the end of the file NAME.
"""

import sys
from pathlib import Path

part = Path(__file__).parent / sys.argv[1]
files = part / "files"
for source in sorted(path for path in files.rglob("*") if path.is_file()):
    target = Path.cwd() / source.relative_to(files)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == ".more":
        with target.with_suffix("").open("a", encoding="utf-8") as file:
            file.write(source.read_text(encoding="utf-8"))
    else:
        target.write_bytes(source.read_bytes())
sys.stdout.write((part / "answer.json").read_text(encoding="utf-8"))
