"""The code blocks of the quick-start guide, run in order in one namespace."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import muster.orchestration
from muster import PermanentError

FILE = Path(__file__).with_name("quick-start.md")


class TemporaryError(Exception):
    """The error that the guide raises if another attempt may succeed."""


# Names that the guide uses and does not define.
PREAMBLE = {"TemporaryError": TemporaryError, "PermanentError": PermanentError, "error": "The connection was reset."}

# The guide's modules that are in `muster.orchestration`: its imports stay as they are.
MODULES = ("athena.orchestration", "athena.mcp.handlers_orchestration")

# All changes to the guide, by heading.
EDITS = {
    "1. Basic Setup": [
        ("from athena.core.database import Database\n", "from muster import Muster\n"),
        ("from athena.episodic.store import EpisodicStore\n", ""),
        ("from athena.graph.store import GraphStore\n", ""),
        ("from athena.meta.store import MetaMemoryStore\n", ""),
        ('db = Database("~/.athena/memory.db")\n', "db = Muster()\n"),
        ("EpisodicStore(db)", "db"),
        ("GraphStore(db)", "db"),
        ("MetaMemoryStore(db)", "db"),
    ],
    "Pattern 3: Retry on Failure": [("create_task(...)", 'create_task("Fetch the page", requirements=["python"])')],
    "Agent not being selected despite capability": [('"agent_id"', '"researcher_bot"')],
}


class Block(NamedTuple):
    """A code block."""

    heading: str
    line: int
    text: str
    """As in the guide."""

    def edited(self) -> str:
        """The code as it is run."""
        text = self.text
        for old, new in EDITS.get(self.heading, ()):
            assert text.count(old) == 1, f"{old!r} is not once in {self.heading}"
            text = text.replace(old, new)
        return text


def blocks_of_guide() -> list[Block]:
    """Every Python block, with the heading before it."""
    heading, blocks, guide = "", [], FILE.read_text()
    for found in re.finditer(r"^#+ ([^\n]+)$|^```python\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL):
        if found[2] is None:
            heading = found[1].replace('"', "")
        else:
            blocks.append(Block(heading, guide.count("\n", 0, found.start(2)), found[2]))
    return blocks


class Guide:
    """A reader who runs one block after another."""

    def __init__(self) -> None:
        self.blocks = blocks_of_guide()
        self.names: dict[str, Any] = dict(PREAMBLE)
        self._printed: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        """The value of a name in the guide."""
        return self.names[name]

    def run(self, heading: str) -> str:
        """Runs the blocks up to that of the heading, each once, and returns what that one prints."""
        for block in self.blocks:
            if block.heading not in self._printed:
                self._printed[block.heading] = _run(block, block.edited(), self.names)
            if block.heading == heading:
                return self._printed[heading]
        raise ValueError(f"{heading} has no block.")

    def run_again(self, heading: str, edit: tuple[str, str] = ("", ""), **names: Any) -> str:
        """Runs one block once more with other names, or with one more edit: what it assigns stays in it."""
        [block] = [block for block in self.blocks if block.heading == heading]
        return _run(block, block.edited().replace(*edit), self.names | names)


def _run(block: Block, text: str, names: dict[str, Any]) -> str:
    # So that errors have the line in the guide.
    code = compile("\n" * block.line + text, str(FILE), "exec")
    with redirect_stdout(io.StringIO()) as printed:
        exec(code, names)
    return printed.getvalue()


@contextmanager
def reading() -> Iterator[Guide]:
    """The guide, with the imports that it needs."""
    with pytest.MonkeyPatch.context() as patch:
        for module in MODULES:
            patch.setitem(sys.modules, module, muster.orchestration)
        guide = Guide()
        yield guide
        guide.names["db"].close()
