"""Functions as notebooks: the one door to making, reading, versioning and running them."""

from jupyter_mlops.functions.adopt import from_notebook
from jupyter_mlops.functions.ipynb import dumps, of_nbformat, parse_notebook, read_notebook
from jupyter_mlops.functions.packaged import build, package, parameters_of, read_function, version_of

__all__ = [
    "build",
    "dumps",
    "from_notebook",
    "of_nbformat",
    "package",
    "parameters_of",
    "parse_notebook",
    "read_function",
    "read_notebook",
    "version_of",
]
