"""From the bytes of a file to its text: which encoding, and a refusal by name of what is no text at all."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from web.exchange.problems import Fault, Unreadable, shown, unreadable

MAX_BYTES = 100_000_000
_CHUNK = 1 << 20
_MAGIC = (
    (b"PK\x03\x04", "an Excel workbook or another zip file; save it as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save it as CSV (UTF-8)"),
    (b"%PDF", "a PDF; export the table as CSV (UTF-8)"),
    (b"PAR1", "a Parquet file; give it the suffix .parquet, or export it as CSV"),
    (b"\x1f\x8b", "a compressed file; unpack it first"),
    (b"SQLite format 3", "a database; export the table as CSV (UTF-8)"),
    (b"{", "a JSON document; a CSV file is expected here"),
    (b"<", "a web page or XML; save the table as CSV (UTF-8)"),
)
_WIDE = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")  # half a character as some programs write it, in UTF-8's manner
_ESCAPED = re.compile("[\udc80-\udcff]")  # a byte that is no text, as Python's surrogateescape keeps it
_NOT_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to decode a file, and what to tell about it."""

    name: str
    errors: str = "surrogateescape"
    note: Fault | None = None


@contextmanager
def opened(source: Path | str | bytes) -> Iterator[tuple[TextIO, Fault | None]]:
    """The text of a file, and a note on its encoding. Raises Unreadable for what is not there, too large, or no text.

    Bytes that are no text become lone surrogates, which the checks of the cells find and place.
    """
    try:
        with _binary(source) as binary:
            encoding = _encoding_of(binary)
            binary.seek(0)
            with io.TextIOWrapper(binary, encoding.name, encoding.errors, newline="") as stream:
                yield stream, encoding.note
    except OSError as error:  # a disk that fails, or something that is a file by its name alone
        raise unreadable("no_file", "", f"the file cannot be read: {error.strerror}") from error


def _binary(source: Path | str | bytes) -> BinaryIO:
    if isinstance(source, bytes):
        _check_size(len(source))
        return io.BytesIO(source)
    path = Path(source)
    if not path.is_file():
        raise unreadable("no_file", path.name, "there is no such file")
    _check_size(path.stat().st_size)
    try:
        return path.open("rb")
    except PermissionError:
        raise unreadable("no_file", path.name, "this file may not be read; change its permissions") from None


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise unreadable("file_too_large", size, f"at most {MAX_BYTES:,} bytes; split the file")


def _encoding_of(binary: BinaryIO) -> Encoding:
    head = binary.read(4096)
    text = head.removeprefix(codecs.BOM_UTF8)
    for magic, mend in _MAGIC:
        if text.lstrip(b" \t\r\n").startswith(magic):
            raise Unreadable(Fault("not_csv", "", f"this is {mend}"))
    wide = next((name for mark, name in _WIDE if head.startswith(mark)), None)
    if wide:
        note = Fault("encoding", "", f"the file is {wide.upper()}; it was read as such")
        return Encoding(wide, "replace", note)
    if head.count(0) * 4 > len(head):
        raise Unreadable(Fault("not_csv", "", "full of zero bytes: UTF-16 without its mark? Save it as CSV (UTF-8)"))
    binary.seek(0)
    return _narrow(binary)


def _narrow(binary: BinaryIO) -> Encoding:
    """UTF-8 or, where the bytes are not that, Windows-1252. Few broken bytes among valid UTF-8 stay UTF-8, broken."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    broken = valid = 0
    sample = b""
    surrogate = False
    while chunk := binary.read(_CHUNK):
        text = decoder.decode(chunk)
        if len(chunk) == len(text) and text.isascii():
            continue
        broken += len(_ESCAPED.findall(text))
        valid += len(_NOT_ASCII.findall(text.removeprefix("\ufeff")))
        surrogate = surrogate or bool(_SURROGATE.search(chunk))
        sample = sample or _word_around(chunk)
    broken += len(decoder.decode(b"", final=True))
    if not broken or valid or surrogate:
        return Encoding("utf-8-sig")
    example = sample.decode("cp1252", "replace")
    mend = "the file is not UTF-8 and was read as Windows-1252; look whether letters with accents are right"
    return Encoding("cp1252", note=Fault("encoding", shown(example), mend))


def _word_around(chunk: bytes) -> bytes:
    """The first word with a letter beyond ASCII."""
    found = re.search(rb"[A-Za-z]*[\x80-\xff]+[A-Za-z\x80-\xff]*", chunk)
    return found[0] if found else b""
