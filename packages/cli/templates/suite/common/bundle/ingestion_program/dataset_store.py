"""Data that a task loads with `datasets.load_dataset`: kept when the bundle is made, given back when it runs.

There is no network where it runs, and caches of the library do not travel: their keys depend on paths and versions.
"""

import functools
import hashlib
import inspect
import json
import os
from pathlib import Path

# These say how data is fetched, not which.
INCIDENTAL = {
    "cache_dir",
    "download_config",
    "download_mode",
    "keep_in_memory",
    "num_proc",
    "save_infos",
    "storage_options",
    "token",
    "trust_remote_code",
    "verification_mode",
}


def record(store, root):
    """From now on, whatever is loaded is kept in the directory `store` as well.

    root: the task's own directory, which is elsewhere when the bundle runs
    """
    original = _original()
    if original is None:
        return

    @functools.wraps(original)
    def load_dataset(*args, **kwargs):
        request = _request(original, args, kwargs, root)
        if kwargs.get("streaming"):
            raise ValueError(f"data that is streamed cannot be taken along: {request}")
        loaded = original(*args, **kwargs)
        directory = store / _name(request)
        if not directory.exists():
            loaded.save_to_disk(str(directory))
            (directory / "request.json").write_text(request, encoding="utf-8")
        return loaded

    _put(load_dataset)


def replay(store, root):
    """From now on, loading gives what was kept. Without anything kept, loading is as it was: from local files."""
    original = _original() if store.is_dir() else None
    if original is None:
        return

    @functools.wraps(original)
    def load_dataset(*args, **kwargs):
        request = _request(original, args, kwargs, root)
        directory = store / _name(request)
        if not directory.is_dir():
            raise FileNotFoundError(f"the bundle holds no data for {request}: make it again with benchgen init")
        import datasets

        return datasets.load_from_disk(str(directory))

    _put(load_dataset)


def _original():
    """None where the library is not installed, and so not used."""
    try:
        import datasets
    except ImportError:
        return None
    return datasets.load_dataset


def _put(load_dataset):
    import datasets

    datasets.load_dataset = load_dataset
    datasets.load.load_dataset = load_dataset


def _request(original, args, kwargs, root):
    """What is asked for as text, the same however the arguments are passed and wherever the task's directory is."""
    try:
        asked = inspect.signature(original).bind(*args, **kwargs).arguments
    except TypeError:
        asked = {"args": args, **kwargs}
    extra = asked.pop("config_kwargs", {})
    wanted = {
        name: value
        for name, value in {**asked, **extra}.items()
        if name not in INCIDENTAL and value is not None and value is not False
    }
    text = json.dumps(wanted, sort_keys=True, default=str)
    return text.replace(str(Path(root)) + os.sep, "")


def _name(request):
    return hashlib.sha256(request.encode()).hexdigest()[:16]
