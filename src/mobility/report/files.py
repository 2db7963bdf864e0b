"""Write files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from mobility.errors import OutputError


def make_folder(path: Path) -> Path:
    """Make a folder, its last part only.

    Raises
    ------
    OutputError
        Its parent does not exist, or something else is in the way.
    """
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(_why("make folder", path, error)) from None
    return path


def write_text(path: Path, text: str) -> None:
    """Write a text file under a temporary name, then rename it.

    A link is followed; a device or pipe is written as it is, since renaming would
    replace it.

    Raises
    ------
    OutputError
        The folder does not exist or nothing can be written there; what stood at `path`
        before still stands there.
    """
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8", newline="\n")
            return
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OutputError(_why("write", path, error)) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        # a temporary file is private; the result has the rights any new file would
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise OutputError(_why("write", path, error)) from None


def _why(what: str, path: Path, error: OSError) -> str:
    reason = (error.strerror or str(error)).lower()
    return f"cannot {what} {str(path)!r}: {reason}"
