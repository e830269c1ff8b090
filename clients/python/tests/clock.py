"""The clock of the Muster that tests run on, if the program that started them lets it be moved."""

from __future__ import annotations

from dataclasses import dataclass

import httpx2


@dataclass(frozen=True)
class Clock:
    """Moves Muster's clock."""

    url: str

    def advance(self, by: str) -> None:
        """By a duration such as ``6m``."""
        httpx2.post(f"{self.url}/advance", content=by, timeout=60).raise_for_status()

    def sweep(self) -> None:
        """Runs what is due."""
        httpx2.post(f"{self.url}/sweep", timeout=60).raise_for_status()
