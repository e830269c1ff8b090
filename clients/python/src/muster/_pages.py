"""Listing page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import TypeVar

Page = TypeVar("Page")
Item = TypeVar("Item")


def each_once(
    pages: Iterator[Page], items: Callable[[Page], Iterable[Item]], name: Callable[[Item], str]
) -> Iterator[Item]:
    """All items of the pages, each once: an item that moves during the listing may appear twice."""
    listed: set[str] = set()
    for page in pages:
        yield from _new(items(page), name, listed)


async def each_once_async(
    pages: AsyncIterator[Page], items: Callable[[Page], Iterable[Item]], name: Callable[[Item], str]
) -> AsyncIterator[Item]:
    """All items of the pages, each once."""
    listed: set[str] = set()
    async for page in pages:
        for item in _new(items(page), name, listed):
            yield item


def _new(items: Iterable[Item], name: Callable[[Item], str], listed: set[str]) -> Iterator[Item]:
    for item in items:
        if name(item) not in listed:
            listed.add(name(item))
            yield item
