"""A model as bytes: what comes back, and that no other bytes are taken for a model."""

from __future__ import annotations

import hashlib
import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from web.exchange import model_file
from web.exchange.model_file import DamagedModel, pack, unpack, write_model
from web.exchange.replacing import NoPlace

ARRAYS = {
    "effects": np.array([0.1, -2.5, np.nan, 1e-300]),
    "table": np.arange(6, dtype=np.int64).reshape(2, 3),
    "form": np.asfortranarray(np.arange(6.0).reshape(3, 2)),
    "one": np.array(7),
    "none": np.zeros((0, 4)),
}
META = {"format": "x", "names": ["Zoë", "a\nb"], "share": 0.1, "nothing": None}


def test_what_was_packed_comes_back_to_the_bit() -> None:
    arrays, meta = unpack(pack(ARRAYS, META))
    assert meta == META and list(arrays) == list(ARRAYS)
    for name, values in ARRAYS.items():
        assert arrays[name].dtype == values.dtype and arrays[name].shape == values.shape
        assert arrays[name].tobytes() == values.tobytes()
        assert arrays[name].flags.f_contiguous == values.flags.f_contiguous


def test_the_same_model_is_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = pack(ARRAYS, META)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert pack(ARRAYS, dict(reversed(META.items()))) == first
    assert pack(ARRAYS, META | {"share": 0.2}) != first


def test_numpy_reads_it_without_pickle_and_the_hash_is_of_all_before_it() -> None:
    data = pack(ARRAYS, META)
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        assert archive["table"].tolist() == [[0, 1, 2], [3, 4, 5]]
    label = data[data.rindex(b"rapport-model") :].decode()
    assert label == f"rapport-model 1 sha256 {hashlib.sha256(data[: -len(label)]).hexdigest()}"


@pytest.mark.F8
def test_a_flipped_bit_is_found_wherever_it_is(trials: Callable[[int, int], int], tried: Callable[[int], None]) -> None:
    data = pack(ARRAYS, META)
    bits = range(len(data) * 8) if trials(0, 1) else np.random.default_rng(1).permutation(len(data) * 8)[:3_000]
    taken = []
    for bit in bits:
        broken = bytearray(data)
        broken[bit // 8] ^= 1 << bit % 8
        try:
            unpack(bytes(broken))
            taken.append(int(bit))
        except DamagedModel as refused:
            assert str(refused)
    assert not taken
    tried(len(bits))


@pytest.mark.F8
def test_a_model_cut_short_or_with_more_behind_it_is_refused(tried: Callable[[int], None]) -> None:
    data = pack(ARRAYS, META)
    for length in range(len(data)):
        with pytest.raises(DamagedModel):
            unpack(data[:length])
    for more in (b"\0", b"\n", data):
        with pytest.raises(DamagedModel):
            unpack(data + more)
    tried(len(data) + 3)


def labelled(body: bytes, layout: int = 1) -> bytes:
    return body + b"rapport-model %d sha256 %s" % (layout, hashlib.sha256(body).hexdigest().encode())


def forged(**contents: bytes) -> bytes:
    """A zip with a right hash that somebody else made."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in contents.items():
            archive.writestr(f"{name}.npy", content)
        archive.comment = labelled(b"")
    return labelled(stream.getvalue()[: -len(labelled(b""))])


def npy(values: object) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asarray(values), allow_pickle=True)
    return stream.getvalue()


class Trap:
    """Unpickled, it would raise another error than those that are expected."""

    def __reduce__(self) -> object:
        return exec, ("raise SystemExit('a pickle was run')",)


TEXT = np.frombuffer(b'{"a": 1}', dtype=np.uint8)


def foreign_npz() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, a=np.arange(3))
    return stream.getvalue()


FOREIGN = {
    "empty": (b"", "is empty"),
    "text": (b"client_id,score\n1,2\n", "not a model"),
    "pickle": (pickle.dumps({"a": 1}), "not a model"),
    "another npz": (foreign_npz(), "not a model"),
    "a pickled array": (forged(rapport_model=npy(TEXT), trap=npy(np.array([Trap()], dtype=object))), "not a model"),
    "metadata pickled": (forged(rapport_model=npy(np.array([Trap()], dtype=object))), "not a model"),
    "metadata that are no JSON": (forged(rapport_model=npy(np.frombuffer(b"{", dtype=np.uint8))), "not a model"),
    "metadata that are a list": (forged(rapport_model=npy(np.frombuffer(b"[]", dtype=np.uint8))), "not a model"),
    "no array at all": (forged(rapport_model=b"text"), "not a model"),
    "no metadata": (forged(rapport_model_not=npy(1)), "not a model"),
}


@pytest.mark.F8
@pytest.mark.parametrize("shape", FOREIGN)
def test_what_is_no_model_is_refused_in_a_sentence(shape: str, tried: Callable[[int], None]) -> None:
    data, said = FOREIGN[shape]
    with pytest.raises(DamagedModel, match=said):
        unpack(data)
    tried(1)


def test_a_later_layout_is_told_from_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "LAYOUT", 2)
    later = pack(ARRAYS, META)
    monkeypatch.undo()
    with pytest.raises(DamagedModel, match=r"another release .* layout is 2, this release reads 1; update"):
        unpack(later)


def test_objects_are_not_packed() -> None:
    with pytest.raises(ValueError, match="allow_pickle=False"):
        pack({"a": np.array([None, "x"], dtype=object)}, {})


def test_writing_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.npz"
    write_model(path, b"old")
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("no room")))
    with pytest.raises(OSError, match="no room"):
        write_model(path, b"new")
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("m.npz", b"old")]


def test_a_link_stays_a_link_and_folders_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "real.npz").write_bytes(b"old")
    (tmp_path / "link.npz").symlink_to("real.npz")
    write_model(tmp_path / "link.npz", b"new")
    assert (tmp_path / "link.npz").is_symlink() and (tmp_path / "real.npz").read_bytes() == b"new"
    with pytest.raises(NoPlace, match="is no file"):
        write_model(tmp_path, b"")
    with pytest.raises(NoPlace, match="there is no folder"):
        write_model(tmp_path / "none" / "m.npz", b"")
