"""Arrays beside an episode file, named by their content."""

import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from envgym.types.errors import EpisodeFileError, InfraError

FOLDER = "arrays"
"""Where they lie, below the episode folder."""


def put(folder: Path, array: NDArray[Any]) -> dict[str, Any]:
    """Store ``array`` once and return its reference: {"ref", "dtype", "shape"}.

    Equal arrays share one file, also across processes: a file is written under a name of its
    own and renamed into place.

    Raises:
        EpisodeFileError: the dtype is object, which would need pickle.
        InfraError: the disk refused.
    """
    array = np.ascontiguousarray(array).reshape(np.shape(array))
    if array.dtype.hasobject:
        raise EpisodeFileError(
            f"an array of dtype {array.dtype} cannot be stored; give numbers, bools or strings"
        )
    digest = blake2b(f"{array.dtype.str}{array.shape}".encode(), digest_size=16)
    digest.update(array.tobytes())
    ref = digest.hexdigest()
    path = folder / FOLDER / f"{ref}.npy"
    _write(path, lambda file: np.lib.format.write_array(file, array, allow_pickle=False))
    return {"ref": ref, "dtype": array.dtype.str, "shape": list(array.shape)}


def get(folder: Path, reference: Any) -> NDArray[Any]:
    """Return the array that ``reference`` (a {"ref", ...} object or the digest) names.

    Raises:
        EpisodeFileError: there is no such file, or it is no array.
    """
    ref = reference["ref"] if isinstance(reference, dict) else reference
    if not isinstance(ref, str) or not ref.isalnum():
        raise EpisodeFileError(f"an array reference must be a hexadecimal digest, got {ref!r}")
    path = folder / FOLDER / f"{ref}.npy"
    try:
        array: NDArray[Any] = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise EpisodeFileError(f"{path}: the array is missing from the episode folder") from None
    except (OSError, ValueError) as error:
        raise EpisodeFileError(f"{path}: not a NumPy array file: {error}") from error
    return array


def put_several(folder: Path, several: Mapping[str, NDArray[Any]]) -> str:
    """Store arrays by name in one .npz file, once, and return its digest.

    Raises:
        InfraError: the disk refused.
    """
    ref = digest(several)
    _write(folder / FOLDER / f"{ref}.npz", lambda file: np.savez(file, **dict[str, Any](several)))
    return ref


def get_several(folder: Path, ref: str) -> Mapping[str, NDArray[Any]]:
    """Return the arrays that ``put_several`` stored under ``ref``; not to be changed.

    The last few files stay in memory: many episodes share one.

    Raises:
        EpisodeFileError: there is no such file, or it is none of ours.
    """
    if not ref.isalnum():
        raise EpisodeFileError(f"an array reference must be a hexadecimal digest, got {ref!r}")
    path = folder / FOLDER / f"{ref}.npz"
    try:
        found = path.stat()
    except OSError:
        raise EpisodeFileError(f"{path}: the array is missing from the episode folder") from None
    return _loaded(path, found.st_mtime_ns, found.st_size)


def column(folder: Path, ref: str, name: str, t0: int, n: int, row: int) -> NDArray[Any]:
    """Return the part of a stored array [T, B, ...] that tells of one row, [n, ...].

    Raises:
        EpisodeFileError: the file is missing, or holds nothing of that name or size.
    """
    found = get_several(folder, ref).get(name)
    if found is None or found.ndim < 2 or len(found) < t0 + n or found.shape[1] <= row:
        shape = "none" if found is None else found.shape
        raise EpisodeFileError(
            f"{folder / FOLDER / ref}.npz: '{name}' should hold steps {t0} to {t0 + n - 1} of row"
            f" {row}; its shape is {shape}"
        )
    part: NDArray[Any] = found[t0 : t0 + n, row]
    return part


def digest(several: Mapping[str, NDArray[Any]]) -> str:
    """Return what arrays are called after: 128 bits over names, types, shapes and bytes."""
    found = blake2b(digest_size=16)
    for name in sorted(several):
        array = np.ascontiguousarray(several[name])
        found.update(f"{name}|{array.dtype.str}|{several[name].shape}|".encode())
        found.update(array.tobytes())
    return found.hexdigest()


@lru_cache(maxsize=4)
def _loaded(path: Path, changed: int, size: int) -> Mapping[str, NDArray[Any]]:
    """Return the arrays of a file as it was at its last change."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, BadZipFile, AttributeError) as error:
        raise EpisodeFileError(f"{path}: not a file of NumPy arrays: {error}") from error


def _write(path: Path, fill: Callable[[BinaryIO], Any]) -> None:
    """Write a file unless it is there, under a name of its own first."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.{id(fill)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            fill(file)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise InfraError("disk", f"cannot write {path}: {error.strerror}") from error
