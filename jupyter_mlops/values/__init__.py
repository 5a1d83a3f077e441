"""Values that travel into a run and back: equal and of the same type. Type hints, and words that people type."""

from jupyter_mlops.values.codec import decode, encode, number, peek, source, text
from jupyter_mlops.values.hints import coerce, matches, parse

__all__ = ["coerce", "decode", "encode", "matches", "number", "parse", "peek", "source", "text"]
