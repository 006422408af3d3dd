"""One ``hotline up`` a data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotline.up.faults import SetupFault


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data folder. Raises :class:`SetupFault` while another process does."""
    path = data_dir / "up.lock"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise SetupFault(
            f"hotline.data_dir: {data_dir} cannot be written: {error.strerror}"
        ) from error
    # Closed on exec, so that an Asterisk that outlives us does not hold it.
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            pid = file.read().strip()
            who = f" (process {pid})" if pid else ""
            raise SetupFault(
                f"the hotline of {data_dir} is already running{who}; end that one first, "
                "or set another hotline.data_dir"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
