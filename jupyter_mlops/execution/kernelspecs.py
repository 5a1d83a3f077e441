"""What a kernelspec and an environment say about how a kernel can be started."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from jupyter_mlops.errors import KernelError, did_you_mean
from jupyter_mlops.execution.commands import kernel_arguments
from jupyter_mlops.execution.zygote import INLINE

DEFAULT_KERNEL = "python3"  # ipykernel, which we depend on, always offers it

# Read by an interpreter or a library when it starts: later is too late.
_START_PREFIXES = (
    "BLIS_", "CUBLAS_", "CUDA_", "DYLD_", "GLIBC_", "GOMP_", "GOTO_", "HIP_", "IPYTHONDIR", "KMP_", "LD_",
    "MALLOC_", "MATPLOTLIBRC", "MKL_", "MPL", "NCCL_", "NUMEXPR_", "NVIDIA_", "OMP_", "OPENBLAS_", "POLARS_", "PYTHON",
    "PYTORCH_", "ROCR_", "TF_", "TORCH_", "VECLIB_", "XLA_",
)  # fmt: skip
_START_NAMES = frozenset({"HOME", "TZ"})
_LOCALES = frozenset({"LANG", "LC_ALL", "LC_CTYPE"})  # an interpreter takes its encodings from them


def kernel_of(said: str | None, metadata: Mapping[str, Any]) -> str:
    """Return which kernel a notebook runs on: what its Function or run says, else what its metadata does."""
    return said or metadata.get("kernelspec", {}).get("name") or DEFAULT_KERNEL


def find(name: str, specs: KernelSpecManager | None = None) -> KernelSpec:
    """Return the kernelspec of that name.

    Raises
    ------
    KernelError
        There is none; names those there are.
    """
    specs = specs or KernelSpecManager()
    try:
        return specs.get_kernel_spec(name)
    except NoSuchKernel:
        known = sorted(specs.find_kernel_specs())
        raise KernelError(
            f"kernel {name!r} isn't installed; known kernels: {', '.join(known)}.{did_you_mean(name, known)}"
        ) from None


def is_ipykernel(spec: KernelSpec) -> bool:
    """Whether it is IPython's kernel, of whatever interpreter."""
    return any(word in ("ipykernel_launcher", "ipykernel") for word in spec.argv)


def is_local(spec: KernelSpec) -> bool:
    """Whether its kernels are plain processes of this machine."""
    name = spec.metadata.get("kernel_provisioner", {}).get("provisioner_name", "local-provisioner")
    return bool(name == "local-provisioner")


def can_be_forked(spec: KernelSpec) -> bool:
    """Whether a fork of this interpreter can stand in for its kernels."""
    special = any(matters_at_start(name, value) for name, value in spec.env.items())
    return kernel_arguments(spec.argv) is not None and is_local(spec) and not special


def matters_at_start(name: str, value: str) -> bool:
    """Whether a process must be *started* with this variable, as it differs from ours and is read only then."""
    here = INLINE if name == "MPLBACKEND" else os.environ.get(name)
    if name in _LOCALES:
        return ("utf" in value.lower()) != ("utf" in (here or "").lower())
    return (name in _START_NAMES or name.startswith(_START_PREFIXES)) and value != here
