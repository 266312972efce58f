"""Completes a bundle on its author's machine: loads the task with the suite, and keeps the data it loads.

usage: export.py DIRECTORY ANSWER

DIRECTORY    bundle/ and requirements.txt, as far as they are made
ANSWER       a JSON file is written here: what was found, or `error` with `code` and `message`
"""

import json
import os
import re
import sys
import traceback
from importlib import metadata
from pathlib import Path


class SuiteMissing(Exception):
    pass


def installed(requirements):
    """The lines of requirements.txt with the versions that are installed here."""
    lines = []
    for line in requirements.split():
        name, extra, pinned = re.fullmatch(r"([\w.-]+)(\[[\w,-]+\])?==(.+)", line).groups()
        try:
            lines.append(f"{name}{extra or ''}=={metadata.version(name)}")
        except metadata.PackageNotFoundError:
            wanted = " ".join(f"'{one}'" for one in requirements.split())
            raise SuiteMissing(
                f"{name} is not installed. Install it: {sys.executable} -m pip install {wanted}"
            ) from None
    return lines


def export(directory):
    path = directory / "requirements.txt"
    requirements = installed(path.read_text(encoding="utf-8"))
    path.write_text("\n".join(requirements) + "\n", encoding="utf-8")
    bundle = directory / "bundle"
    input_data = bundle / "input_data"
    spec = json.loads((input_data / "suite.json").read_text(encoding="utf-8"))
    spec["version"] = metadata.version(spec["package"])
    (input_data / "suite.json").write_text(json.dumps(spec, indent=2) + "\n", encoding="utf-8")
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(bundle / "ingestion_program"))
    import dataset_store

    task_directory = input_data / "task"
    os.chdir(task_directory)
    dataset_store.record(input_data / "datasets", task_directory)
    import driver

    found = driver.describe(spec)
    whole = {"suite": spec["suite"], "task": spec["task"], "version": spec["version"], "cases": found["cases"]}
    # A directory without a file is in no repository, and so not in the template either.
    reference_data = bundle / "reference_data"
    reference_data.mkdir(exist_ok=True)
    (reference_data / "task.json").write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    # What sandboxed programs see only when BENCHGEN_EXPOSE names it: a virtual environment, and where its Python is.
    expose = [prefix for prefix in dict.fromkeys((sys.prefix, sys.base_prefix)) if prefix != "/usr"]
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {**found, "version": spec["version"], "python": python, "expose": expose}


def main():
    # From here on the working directory is another.
    directory, answer = (Path(word).resolve() for word in sys.argv[1:3])
    try:
        found = export(directory)
    except SuiteMissing as error:
        found = {"error": {"code": "suite_missing", "message": str(error)}}
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        found = {"error": {"code": "task_unusable", "message": f"The suite cannot load it: {error}"}}
    answer.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
