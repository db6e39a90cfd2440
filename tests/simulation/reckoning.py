"""What must hold when all is at rest: nobody's mail is lost or with others, and every link has its reason."""

from collections import Counter, defaultdict

from addresses.step import addresses, from_data
from addresses.wire import plain
from mail_ingest.digest import message_digest
from mail_ingest.header_block import cut
from tests.simulation.acts import message
from tests.simulation.cloud import Violated
from tests.simulation.world import World

INTERNAL = ("@example.com", "@example.org")


def require_filed_mail(world: World) -> None:
    """Every message is in the archives of exactly those whom a copy was delivered to, or who sent one."""
    expected: dict[tuple[str, str], str] = {}
    digests = {}
    for _, number, envelope in world.mails:
        raw = message(number)
        digests[number] = message_digest(cut(raw, complete=True), [raw])
        for each in envelope.recipients:
            if each.endswith(INTERNAL):
                expected[each, digests[number]] = "received"
    for _, number, envelope in world.mails:
        if envelope.sender.endswith(INTERNAL):
            expected.setdefault((envelope.sender, digests[number]), "sent")
    found = {}
    for (pk, sk), item in world.cloud.store.items.items():
        if pk.startswith("ARCHIVE#"):
            address, digest = pk.removeprefix("ARCHIVE#"), sk.partition("#")[2]
            if (address, digest) in found:
                raise Violated(f"{address} has {digest} twice")
            found[address, digest] = item["direction"]["S"]
    known = {key: value for key, value in found.items() if key[1] in digests.values()}
    if known != expected:
        raise Violated(f"Mail is filed for {sorted(known.items())}, and was for {sorted(expected.items())}")


def require_explained_tenures(world: World) -> None:
    """As often as an address changed hands, the run that it names tells of a step by which it did."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for (pk, sk), raw in world.cloud.store.items.items():
        if sk.startswith("STEPS#"):
            for step in plain(raw)["steps"]:
                if step["outcome"] == "applied":
                    told[pk.removeprefix("RUN#")].update(addresses(from_data(step)))
    for state in world.watch.addresses.values():
        for run, times in Counter(start.run for start in state.starts).items():
            if times > told[run][state.address]:
                raise Violated(f"{state.address} changed hands {times} times by run {run}, which tells of fewer")
