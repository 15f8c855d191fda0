"""What each flag warns of, read from notes.toml: the kind of bug, its effect, how to mend it, where it was met."""

import tomllib
from pathlib import Path

__all__ = ["CONTRACT_NOTES", "NOTES"]

_STORED = tomllib.loads(Path(__file__).with_name("notes.toml").read_text(encoding="utf-8"))

NOTES: dict[str, dict] = _STORED["case"]
"""The flags of the cases."""

CONTRACT_NOTES: dict[str, dict] = _STORED["contract"]
"""The flags of the array contract, which no stored case carries."""
