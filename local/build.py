"""Builds the layer and the functions into the two archives that Lambda takes, for the interpreter of the embedded AWS.

What `sam build` does for Lambda's own machines; here the packages are fetched once for each requirements.txt.
"""

import hashlib
import io
import os
import platform
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from local import ROOT
from local.emulator import PYTHON

CACHE = ROOT / ".local" / "packages"


@dataclass(frozen=True)
class Bundle:
    """The bytes of the layer's archive, packages under `python/`, and of the functions' archive."""

    layer: bytes
    functions: bytes


def bundle() -> Bundle:
    """Both archives, of the files as they are now."""
    return Bundle(
        layer=_archive(ROOT / "shared", "python/"),
        functions=_archive(ROOT / "functions", ""),
    )


def _archive(source: Path, prefix: str) -> bytes:
    packages = _packages(source / "requirements.txt")
    buffer = io.BytesIO()
    # Not compressed: it travels over loopback only and is unpacked at each cold start.
    with tempfile.TemporaryDirectory() as draft, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for folder in (packages, _compiled(source, Path(draft))):
            for file in sorted(each for each in folder.rglob("*") if each.is_file()):
                # A fixed time, so that the same files are the same archive and need no new deployment.
                info = zipfile.ZipInfo(prefix + file.relative_to(folder).as_posix())
                info.external_attr = 0o644 << 16
                archive.writestr(info, file.read_bytes())
    return buffer.getvalue()


def _compiled(source: Path, folder: Path) -> Path:
    """A copy of the project's own modules, each with what it is compiled to."""
    copied = shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    _compile(copied)
    return copied


def _packages(requirements: Path) -> Path:
    """A folder with the packages that the file names, installed the first time."""
    wanted = requirements.read_bytes() + f"{platform.system()} {platform.machine()} 3.13".encode()
    installed = CACHE / hashlib.sha256(wanted).hexdigest()[:16]
    if installed.exists():
        return installed
    CACHE.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=CACHE))
    try:
        # uv names itself in UV to what it runs.
        uv = os.environ.get("UV", "uv")
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", PYTHON, "--target", draft, "--requirement", requirements],
            check=True,
        )
        _compile(draft)
        draft.rename(installed)
    except OSError:
        # Another run installed the same packages in the meantime.
        if not installed.exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return installed


def _compile(folder: Path) -> None:
    # Unchecked, because archives keep no times: the interpreter would compile every module at each cold start. Without
    # the folder's name, which is another each time.
    mode = ["--invalidation-mode", "unchecked-hash"]
    subprocess.run([PYTHON, "-m", "compileall", "-q", *mode, "-s", folder, folder], check=True)
