"""A fitted model as bytes: an ``.npz`` without pickle that holds the arrays and the metadata as JSON, and its hash.

The zip file's comment, its last bytes, is a label with the version of this layout and the SHA-256 of all bytes before
it. So every changed or missing byte is found before anything is parsed, and numpy and any zip program can still open
the file. The same arrays and metadata give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from web.exchange.replacing import replacing

LAYOUT = 1
META = "rapport_model.npy"  # the first file in the zip, by which even a broken model is known as one
_LABEL = re.compile(rb"rapport-model ([0-9]{1,4}) sha256 ([0-9a-f]{64})")
_LABEL_LENGTH = 100  # at most
_FIRST_NAME = 30  # where a zip file has the name of its first file
_NO_MODEL = "this is not a model that Rapport wrote"
_MEND = "copy the model again from where it came, or fit it again"


class DamagedModel(ValueError):
    """Bytes that are no model, or no longer the one that was written; the message says so in one sentence."""


def pack(arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> bytes:
    """Arrays and metadata as bytes. Raises ValueError for arrays of objects, TypeError for what JSON cannot hold."""
    text = json.dumps(meta, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        _put(archive, META, np.frombuffer(text, dtype=np.uint8))
        for name, values in arrays.items():
            _put(archive, f"{name}.npy", values)
        archive.comment = _label(b"")  # as long as the one that follows
    body = stream.getvalue()[: -len(_label(b""))]
    return body + _label(body)


def unpack(data: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and the metadata. Raises DamagedModel for bytes that are not, to the bit, what ``pack`` made."""
    _check(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = {name.removesuffix(".npy"): _get(archive, name) for name in archive.namelist()}
        meta = json.loads(found.pop(META.removesuffix(".npy")).tobytes())
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
        raise DamagedModel(f"{_NO_MODEL}; {_MEND}") from error  # the hash is right, yet somebody else made it
    if not isinstance(meta, dict):
        raise DamagedModel(f"{_NO_MODEL}; {_MEND}")
    return found, meta


def write_model(path: Path, data: bytes) -> None:
    """Write what ``pack`` made; a file that was there before stays whole until the new one is."""
    with replacing(path) as beside:
        beside.write_bytes(data)


def _put(archive: zipfile.ZipFile, name: str, values: np.ndarray) -> None:
    entry = zipfile.ZipInfo(name)  # dated 1980: the hour of writing is no part of a model
    entry.create_system = 3  # the same bytes on every system
    with archive.open(entry, "w", force_zip64=True) as stream:
        np.lib.format.write_array(stream, np.asarray(values), version=(1, 0), allow_pickle=False)


def _get(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    with archive.open(name) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _label(body: bytes) -> bytes:
    return b"rapport-model %d sha256 %s" % (LAYOUT, hashlib.sha256(body).hexdigest().encode())


def _check(data: bytes) -> None:
    if not data:
        raise DamagedModel(f"the file is empty; {_MEND}")
    if not data.startswith(b"PK") or not data[_FIRST_NAME:].startswith(META.encode()):
        raise DamagedModel(f"{_NO_MODEL}; name a file that was written by `rapport alliance fit`")
    label = _LABEL.search(data, len(data) - _LABEL_LENGTH)
    if label is None or label.end() != len(data):
        raise DamagedModel(f"the model is damaged or cut short; {_MEND}")
    if hashlib.sha256(data[: label.start()]).hexdigest().encode() != label[2]:
        raise DamagedModel(f"the model is damaged: its content does not agree with its SHA-256; {_MEND}")
    if int(label[1]) != LAYOUT:
        mend = f"its layout is {int(label[1])}, this release reads {LAYOUT}; update Rapport, or fit the model again"
        raise DamagedModel(f"the model was written by another release of Rapport: {mend}")
