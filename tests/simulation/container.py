"""A container as Lambda has it: a copy of all the functions' modules, which does one thing at a time and may remember.

The copies share nothing with each other but libraries, so that what one remembers is its own, and two can be in the
midst of things at the same time in one thread.
"""

import concurrent.futures
import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from importlib import import_module
from random import Random
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Self
from unittest.mock import Mock, patch
from uuid import UUID

from tests.cloud import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = frozenset(
    {"addresses", "apply_plan", "archive_api", "directory_sync", "link_api", "mail_ingest", "spreadsheet_import"}
)
HANDLERS = ("apply_plan", "archive_api", "directory_sync", "link_api", "mail_ingest", "spreadsheet_import")
# Imported within functions, where a copy's import statement would find another copy's module.
LATE = ("mail_ingest.load.loading", "mail_ingest.load.recording")
TABLE, MAIL = "addresses", "mail"


class AtOnce:
    """An executor that does everything in the calling thread: what runs at the same time, the schedule decides."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Whatever a pool of threads is made with."""

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is under way."""

    def submit[T](self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Done before it is returned."""
        done: Future[T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done

    map = staticmethod(map)


class Container:
    """One copy. ``clients`` makes its clients of AWS by service, ``sleep`` is what waiting does.

    ``clock`` is the world's, and the container's own may differ from it by ``skew``.
    """

    def __init__(
        self,
        clients: Mapping[str, Callable[[], Any]],
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        open_reader: Callable[[Any, Any], Any],
    ) -> None:
        """Import everything anew."""
        self.random = Random(0)  # noqa: S311 - it is repeated, not guessed
        self.skew = timedelta()
        self.busy = False
        self._clock = clock
        self.modules = _copies()
        self._adapt(clients, sleep, open_reader)
        self._caches = [
            value
            for module in self.modules.values()
            for value in vars(module).values()
            if hasattr(value, "cache_clear") and getattr(value, "__module__", "") == module.__name__
        ]
        # What depends on nothing but the code is worth keeping: it takes long, and a crash changes nothing of it. So is
        # the module that addresses load late, which another copy's would take the place of.
        self._caches = [
            each
            for each in self._caches
            if each.__wrapped__.__code__.co_argcount == 0 and each.__module__ != "addresses.address"
        ]
        self.forget()

    def handle(self, function: str, event: dict[str, Any], context: Any) -> Any:
        """Have the function handle an event."""
        return self.modules[f"{function}.handler"].handle(event, context)

    def forget(self) -> None:
        """Be a new container, which remembers nothing."""
        for each in self._caches:
            each.cache_clear()

    def warm_to_load(self) -> None:
        """Have the modules at hand that are imported only when something is loaded."""
        with _at_home(self.modules):
            self.modules["mail_ingest.app"].loading()

    def _adapt(
        self,
        clients: Mapping[str, Callable[[], Any]],
        sleep: Callable[[float], None],
        open_reader: Callable[[Any, Any], Any],
    ) -> None:
        container = self

        class Clock(datetime):
            """Tells the container's time."""

            @classmethod
            def now(cls, _zone: Any = UTC) -> datetime:  # type: ignore[override]
                """The world's time, as this container's clock has it."""
                return container._clock() + container.skew

        boto3 = SimpleNamespace(client=lambda service, **_: clients[service]())
        for module in self.modules.values():
            if vars(module).get("datetime") is datetime:
                vars(module)["datetime"] = Clock
            if "single_metric" in vars(module):
                # Each is a line of output, which nobody reads here.
                vars(module)["single_metric"] = lambda *_, **__: nullcontext(Mock())
            if "boto3" in vars(module):
                vars(module)["boto3"] = boto3
            if "uuid4" in vars(module):
                vars(module)["uuid4"] = lambda: UUID(int=container.random.getrandbits(128), version=4)

        def uniform(low: float, high: float) -> float:
            """Every schedule brings a random of its own."""
            return container.random.uniform(low, high)

        random = SimpleNamespace(uniform=uniform)
        vars(self.modules["addresses.table"]).update(time=SimpleNamespace(sleep=sleep), _random=random)
        vars(self.modules["directory_sync.handler"]).update(
            opened=lambda directory, _secrets, _deadline: open_reader(container.modules, directory)
        )


def _copies() -> dict[str, ModuleType]:
    """The modules, imported anew."""
    environment = {"TABLE_NAME": TABLE, "MAIL_BUCKET": MAIL, "LOAD_QUEUE": "loads", "POWERTOOLS_LOG_LEVEL": "CRITICAL"}
    os.environ.update({**environment, **ENVIRONMENT})
    with _at_home({}) as found, patch.object(concurrent.futures, "ThreadPoolExecutor", AtOnce):
        for name in (*(f"{each}.handler" for each in HANDLERS), *LATE):
            import_module(name)
        # What is only loaded for an address that is not plain.
        import_module("addresses.address").parse_if_any("")
    return found


@contextmanager
def _at_home(modules: dict[str, ModuleType]) -> "Iterator[dict[str, ModuleType]]":
    """Have these modules of the functions where Python looks for modules, and no others; take note of new ones."""
    others = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in PACKAGES}
    sys.modules.update(modules)
    try:
        yield modules
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] in PACKAGES]:
            modules[name] = sys.modules.pop(name)
        sys.modules.update(others)
