"""Compiles the inner loops of the simulation; where numba has no wheel for this Python yet they run as they stand."""

import os
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

try:
    import numba
except ImportError:  # pragma: no cover - only on a Python newer than numba

    def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is: some hundred times slower, the same answers."""
        return function

    inlined = compiled
    IS_COMPILED = False
else:
    HERE = Path(__file__).parent

    def _cache_folder() -> str:
        """A folder for exactly these sources: numba looks at the file of a function, not at those that it calls.

        Empty where nothing may be written: then every process compiles for itself.
        """
        sources = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))
        folder = HERE / "__pycache__" / blake2b(sources, digest_size=8).hexdigest()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return ""
        return str(folder) if os.access(folder, os.W_OK) else ""

    CACHE = _cache_folder()
    numba.config.CACHE_DIR = CACHE
    compiled = numba.njit(cache=bool(CACHE), nogil=True, error_model="numpy")
    # A call passes each array as seven words and counts the references to it, which takes longer than what most of
    # these functions do. They allocate nothing, so nothing has to be counted.
    inlined = numba.njit(cache=bool(CACHE), nogil=True, error_model="numpy", forceinline=True, _nrt=False)
    IS_COMPILED = not numba.config.DISABLE_JIT


def records(array: Any) -> Any:
    """An array of records, of which plain Python may say `one.field`, as the compiled code does."""
    return array if IS_COMPILED else array.view(np.recarray)
