"""Executes notebooks; fails if a cell fails, or if a notebook is stored with outputs.

    python notebooks/execute.py FOLDER NOTEBOOK...

The executed copies are written to FOLDER; the notebooks themselves are not changed.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def stored_outputs(notebook) -> int:
    """How many code cells are stored with an output or an execution count."""
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    return sum(bool(cell.outputs) or cell.execution_count is not None for cell in code)


def execute(path: Path, folder: Path) -> str | None:
    """Executes one notebook; returns what is wrong, if anything is."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    if stored := stored_outputs(notebook):
        return f"{stored} cells are stored with outputs; clear all outputs and save"
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources)
    began = time.monotonic()
    try:
        client.execute()
    except CellExecutionError as error:
        return str(error)
    finally:
        nbformat.write(notebook, folder / path.name)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    print(f"{path}: {cells} cells executed in {time.monotonic() - began:.1f} s")
    return None


def main() -> int:
    folder, *paths = map(Path, sys.argv[1:])
    wrong = {path: problem for path in paths if (problem := execute(path, folder))}
    for path, problem in wrong.items():
        print(f"error: {path}: {problem}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
