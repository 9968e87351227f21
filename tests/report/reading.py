"""Reads the page the way a person would: elements with their attributes and their text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_WITHOUT_END = {"meta", "link", "br", "hr", "img", "input", "wbr"}


@dataclass(eq=False)
class Element:
    """One element; ``text`` is what can be read in it, with single spaces."""

    tag: str
    attributes: dict[str, str | None]
    pieces: list[str] = field(default_factory=list)
    inside: tuple[Element, ...] = ()

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())


class Page(HTMLParser):
    """All elements of a page in the order in which they begin; refuses a page whose tags do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), inside=tuple(self._open))
        self.elements.append(element)
        if tag not in _WITHOUT_END:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        element = self._open.pop()
        assert element.tag == tag, f"<{element.tag}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.pieces.append(data)

    def all(self, tag: str | None = None, **attributes: str) -> list[Element]:
        """Elements of a tag with these attributes; ``_`` stands for ``-``."""
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if tag in {None, element.tag} and wanted.items() <= element.attributes.items()
        ]

    def one(self, tag: str | None = None, **attributes: str) -> Element:
        """The only such element."""
        (element,) = self.all(tag, **attributes)
        return element

    def cells(self, **attributes: str) -> list[str]:
        """Texts of the cells of the only row with these attributes."""
        row = self.one("tr", **attributes)
        return [element.text for element in self.elements if element.tag in {"td", "th"} and row in element.inside]
