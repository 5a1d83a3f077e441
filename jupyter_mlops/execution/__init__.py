"""Run notebooks: the worker, warm kernels, the runner, and what user code calls inside a run."""
