"""What a container does before its first event: importing a function and connecting it, and what all of it weighs."""

import io
import os
import resource
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from local import build, template
from local.emulator import PYTHON
from tests.benchmarks.row import Row
from tests.cloud import ENVIRONMENT

TIMES = 7
APIS = {"LinkApiFunction", "ArchiveApiFunction"}
_ENVIRONMENT = {
    **ENVIRONMENT,
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "TABLE_NAME": "table",
    "MAIL_BUCKET": "mail",
    "POWERTOOLS_SERVICE_NAME": "bench",
}
_FLOOR = "import boto3\nboto3.client('dynamodb')"
# What every function has, whatever it does: AWS's client, models of what comes in, and a log.
_LIBRARIES = f"""{_FLOOR}
from aws_lambda_powertools import Logger
from pydantic import BaseModel
class Model(BaseModel):
    name: str
Logger()"""
_FUNCTION = "import sys, {module} as handler\nif hasattr(handler, 'table'): handler.table()"


def started(code: str, path: str) -> float:
    """Seconds of CPU for a new interpreter to do this: of several times the best, the first of which read the files."""
    best = float("inf")
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, **_ENVIRONMENT}
        # Nothing is compiled on the way: where Lambda keeps functions, nothing can be written.
        subprocess.run([PYTHON, "-B", "-c", code], check=True, env=environment, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def rows() -> Iterator[Row]:
    """Each function, as it is built here."""
    bundle = build.bundle()
    with TemporaryDirectory() as folder:
        for name, content in (("layer", bundle.layer), ("functions", bundle.functions)):
            zipfile.ZipFile(io.BytesIO(content)).extractall(Path(folder, name))
        path = f"{folder}/functions:{folder}/layer/python"
        floor, libraries = started(_FLOOR, path), started(_LIBRARIES, path)
        for name, described in template.load()["Resources"].items():
            if described["Type"] == "AWS::Serverless::Function":
                module = described["Properties"]["Handler"].rpartition(".")[0]
                took = started(_FUNCTION.format(module=module), path)
                most = 1.5 if name in APIS else 1.2
                told = f"{took * 1e3:.0f} ms", f"boto3 and its client: {floor * 1e3:.0f} ms", f"{took / floor:.2f} x"
                yield Row(f"cold start of {name}", *told, f"<= {most} x", took <= most * floor)
        told = f"{libraries * 1e3:.0f} ms", f"boto3 and its client: {floor * 1e3:.0f} ms", f"{libraries / floor:.2f} x"
        yield Row("the same of boto3, one pydantic model and the powertools' logger", *told, "", None)
        ingest = _FUNCTION.format(module="mail_ingest.handler")
        compiled = started(ingest, path)
        for each in Path(folder).rglob("*.pyc"):
            each.unlink()
        bare = started(ingest, path)
        told = f"{bare * 1e3:.0f} ms", f"compiled: {compiled * 1e3:.0f} ms", f"{bare / compiled:.2f} x"
        yield Row("cold start of MailIngestFunction, if nothing were compiled", *told, "", None)
    of_kind = _zipped(bundle.layer) + _zipped(bundle.functions)
    kinds = {"machine code": ".so", "compiled": ".pyc", "sources": ".py"}
    parts = ", ".join(f"{what} {of_kind[kind] / 2**20:.1f}" for what, kind in kinds.items())
    weight = f"{of_kind.total() / 2**20:.1f} MiB: {parts}"
    yield Row("layer and functions, zipped", weight, "", "", "<= 15 MB", of_kind.total() <= 15e6)


def _zipped(archive: bytes) -> Counter[str]:
    """How many bytes there are of each kind of file when the archive is compressed."""
    buffer, of_kind = io.BytesIO(), Counter[str]()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for each in source.infolist():
            begin = buffer.tell()
            packed.writestr(each.filename, source.read(each))
            of_kind[Path(each.filename).suffix] += buffer.tell() - begin
    # The directory at the end.
    of_kind["directory"] = len(buffer.getvalue()) - of_kind.total()
    return of_kind
