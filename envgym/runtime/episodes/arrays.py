"""Arrays beside an episode file, named by their content."""

import os
from hashlib import blake2b
from pathlib import Path
from typing import Any

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
    if not path.exists():
        draft = path.with_name(f".{ref}.{os.getpid()}.{id(array)}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
            draft.replace(path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise InfraError("disk", f"cannot write {path}: {error.strerror}") from error
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
