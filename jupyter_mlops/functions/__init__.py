"""A cell or a notebook becomes a Function: capture, the packaged notebook, its versions."""
