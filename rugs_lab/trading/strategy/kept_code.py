"""Machine code of strategies, kept from one process to the next in a folder that only the user can write to.

A file's name is the hash of all that its code depends on: what `compilable.fingerprint` has of the strategy,
the types of its arguments, processor, versions, and the text of the modules that the loop is made of. What
cannot be named so, or holds addresses of this process, is not kept: what is in a file will be executed.
"""

import os
import pickle
import platform
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import llvmlite  # type: ignore[import-untyped]
import numba
import numpy as np

MOST_FILES: Final = 256
_KNOWN: Final = ("builtins", "math", "numpy", "operator", "rugs_lab")
_PARTS: Final = ("game", "trading/account", "trading/engine", "trading/strategy")
_numba: Any = numba  # it has no types


@dataclass(frozen=True, slots=True)
class KeptCode:
    """What a numba function asks before it compiles (`numba.core.caching._Cache`); `key`: of the strategy."""

    key: str

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Return the code for a signature; None when there is none."""
        target.refresh()
        with suppress(Exception):  # whatever is wrong with a file, the code can be made again
            data = self._file(signature, target.codegen()).read_bytes()
            if sha256(data[32:]).digest() == data[:32]:
                return _numba.core.compiler.CompileResult._rebuild(target, *pickle.loads(data[32:]))
        return None

    def save_overload(self, signature: Any, made: Any) -> None:
        """Keep the code for a signature, where a place can be written."""
        if made.library.has_dynamic_globals or made.lifted or _calls_itself(made.library):
            return
        with suppress(Exception):  # the code is there, kept or not
            file, data = self._file(signature, made.codegen), _numba.core.serialize.dumps(made._reduce())
            kept = sorted(file.parent.iterdir(), key=lambda each: each.lstat().st_mtime)
            for old in kept[: max(0, len(kept) - MOST_FILES + 1)]:
                old.unlink(missing_ok=True)
            number, beside = tempfile.mkstemp(dir=file.parent)  # of mode 0600
            with open(number, "wb") as opened:
                opened.write(sha256(data).digest() + data)
            os.replace(beside, file)

    def _file(self, signature: Any, codegen: Any) -> Path:
        if (place := folder()) is None:
            raise OSError("there is no folder that only the user can write to")
        whole = repr((self.key, signature, codegen.magic_tuple(), _made_of()))
        return place / sha256(whole.encode()).hexdigest()


def _calls_itself(library: Any) -> bool:
    """Whether code reaches a function through a pointer that numba only fills where it compiles."""
    prefix = _numba.core.codegen.RuntimeLinker.PREFIX
    return any(each.name.startswith(prefix) for each in library._final_module.global_variables)


def keep(kernel: Any, fingerprint: tuple[Any, ...]) -> Any:
    """Have a numba function keep its code, if all it depends on has a name; return it."""
    with suppress(ValueError):
        kernel._cache = KeptCode(_named(fingerprint))
    return kernel


def _named(value: Any) -> str:
    """Return the text of a part of a fingerprint; ValueError for what another process may not have."""
    if isinstance(value, tuple):
        return f"({','.join(map(_named, value))})"
    if value is None or isinstance(value, str | bytes | int):
        return repr(value)
    if isinstance(value, ModuleType):
        return f"module {value.__name__}"
    home, name = getattr(value, "__module__", None) or type(value).__module__, getattr(value, "__name__", "")
    if home.split(".")[0] in _KNOWN and name:
        return f"{home} {getattr(value, '__qualname__', name)}"
    raise ValueError(f"{value!r} has no name that means the same elsewhere")


@cache
def _made_of() -> str:
    """Return what else machine code depends on: versions, settings of numba, and the modules of the loop."""
    package = Path(__file__).parents[2]
    files = (each for part in _PARTS for each in (package / part).glob("*.py"))
    text = sha256(b"".join(each.read_bytes() for each in sorted(files))).hexdigest()
    versions = numba.__version__, llvmlite.__version__, np.__version__, platform.python_version()
    names = sorted(name for name in os.environ if name.startswith("NUMBA_") and name != "NUMBA_CACHE_DIR")
    return repr((text, versions, [(name, os.environ[name]) for name in names]))


@cache
def folder() -> Path | None:
    """Return the folder, made when it is missing; None where somebody else can write to it or replace it."""
    home = _numba.core.config.CACHE_DIR or _numba.misc.appdirs.AppDirs("rugs_lab", False).user_cache_dir
    made = Path(home).resolve() / "strategies"  # through no link, which somebody else may point elsewhere
    with suppress(OSError, AttributeError):  # there is no `geteuid` on Windows
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
        own, above = made.lstat(), [each.lstat() for each in made.parents]
        others = [each.st_mode & 0o022 and not each.st_mode & stat.S_ISVTX for each in above]
        owners = {each.st_uid for each in above} <= {0, os.geteuid()}
        if stat.S_ISDIR(own.st_mode) and own.st_uid == os.geteuid() and not own.st_mode & 0o077:
            return made if owners and not any(others) else None
    return None
