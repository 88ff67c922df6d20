"""For ``make catalogue``: the labels of the vocabularies are sentences too, although nothing is called around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Any

from matcher import vocabulary
from web.wording.language import CATALOGUES

OPTIONS = (
    *("-F", "web/wording/babel.cfg", "-k", "lazy", "-k", "ngettext:1,2", "--no-location", "--sort-output"),
    *("--omit-header", "--no-wrap"),
)
Message = tuple[int, str, str, list[str]]


def vocabulary_labels(source: IO[bytes], *rest: Any, options: Any = None) -> Iterator[Message]:
    """(line, function, label, comment) of every label, in the order of the file."""
    lines = [line.decode() for line in source]
    for words in _all():
        for label in _labels(words):
            line = next((k for k, text in enumerate(lines, start=1) if f'"{label}"' in text), 0)
            yield line, "_", label, [f"the {words.name}"]


def _all() -> Iterable[vocabulary.Vocabulary]:
    return (value for value in vars(vocabulary).values() if isinstance(value, vocabulary.Vocabulary))


def _labels(words: vocabulary.Vocabulary) -> Iterable[str]:
    return (term.label for term in words)


def main() -> None:
    """Write the template of all catalogues: every sentence of the code, the templates and the vocabularies."""
    from babel.messages.frontend import CommandLineInterface

    CommandLineInterface().run(["pybabel", "-q", "extract", *OPTIONS, "-o", str(CATALOGUES / "messages.pot"), "."])


if __name__ == "__main__":
    main()
