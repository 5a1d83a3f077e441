"""Packagers: how a Python object becomes a file that says what it holds, and the same object again.

One packager a type, tried in the order of :func:`known`; the last takes everything. Others add theirs through the entry
point group ``jupyter_mlops.packagers``: each entry names an object with what :class:`Packager` asks for.
"""

from jupyter_mlops.storage.packagers.protocol import Packager, Packed
from jupyter_mlops.storage.packagers.registry import by_name, known, packager_for

__all__ = ["Packager", "Packed", "by_name", "known", "packager_for"]
