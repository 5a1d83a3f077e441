"""Trained models: pickled, with framework, versions, parameters and signature."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.errors import PackagingError
from jupyter_mlops.records import Kind
from jupyter_mlops.storage.packagers.plain import dump, load, shown
from jupyter_mlops.storage.packagers.protocol import Packed, derives_from, dotted

# (library, class) of those that aren't scikit-learn estimators
_OTHERS = (("torch", "Module"), ("xgboost", "Booster"), ("lightgbm", "Booster"), ("catboost", "CatBoost"))
_PACKAGES = {"sklearn": "scikit-learn"}


class Model:
    """A scikit-learn estimator, or a model of another framework that pickles."""

    name = "model"
    kind = Kind.MODEL

    def recognises(self, value: Any) -> bool:
        if isinstance(value, type):
            return False
        return derives_from(value, "sklearn", "BaseEstimator") or any(derives_from(value, *other) for other in _OTHERS)

    def pack(self, value: Any, folder: Path) -> Packed:
        framework = _framework(value)
        packages = [_PACKAGES.get(framework, framework), "numpy"]
        meta = {
            "pickled": True,
            "framework": framework,
            "versions": {"python": platform.python_version()} | {name: v for name in packages if (v := _version(name))},
            "class": dotted(type(value)),
            "params": _params(value),
            "signature": _signature(value),
            "preview": shown(value),
        }
        return Packed(path=dump(value, folder / "model.pickle"), meta=meta)

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Any:
        try:
            return load(path)
        except PackagingError as error:
            saved = " ".join(f"{name} {number}" for name, number in meta.get("versions", {}).items())
            raise PackagingError(f"{error} It was saved with {saved}.") from error


def _framework(value: Any) -> str:
    """The library of the class nearest to the value's own, where that is one somebody installs."""
    libraries = [kind.__module__.partition(".")[0] for kind in type(value).__mro__]
    known = {"sklearn", *(library for library, _ in _OTHERS)}
    return next((library for library in libraries if library in known), libraries[0])


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version  # slow to import

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _params(value: Any) -> dict[str, Any]:
    if not hasattr(value, "get_params"):
        return {}
    try:
        found = value.get_params(deep=True)
    except Exception:  # an estimator of the user's own; its parameters are an extra
        return {}
    return {str(name): plain(item) for name, item in found.items()}


def plain(value: Any) -> Any:
    """Return a value as JSON without NaN: itself where it is, else short text."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        number = values.number(value)
        return values.text(value, 200) if number is None else values.text(number)
    return value


def _signature(value: Any) -> dict[str, Any]:
    """What goes in and comes out, as scikit-learn's conventions tell (``n_features_in_`` and so on)."""
    found: dict[str, Any] = {}
    for name in ("n_features_in_", "feature_names_in_", "classes_", "n_outputs_"):
        try:
            part = getattr(value, name)
        except Exception:  # not fitted, or a property that needs what isn't there
            continue
        found[name] = _listed(part) if isinstance(part, Iterable) and not isinstance(part, str) else plain(part)
    return found


def _listed(part: Iterable[Any]) -> list[Any]:
    return [
        plain(item.item() if hasattr(item, "item") and getattr(item, "shape", None) == () else item) for item in list(part)[:1000]
    ]
