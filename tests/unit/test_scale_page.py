"""The scale page shows what the model says, and the model says what was counted."""

from tests.data_model import filled
from tests.scale import PAGE, Organisation, counted, entry_bytes, message_bytes, sections

SHOWN = PAGE.read_text(encoding="utf-8")


def test_the_page_shows_what_a_month_costs() -> None:
    """``make docs`` writes what differs."""
    assert filled(SHOWN, sections()) == SHOWN
    assert [] == [name for name in sections() if f"<!-- {name} -->\n" not in SHOWN]


def test_the_page_tells_what_an_idle_run_costs() -> None:
    """As the data model's page counts it."""
    read, written = counted("directory_sync", "changes, none")
    assert f"reads {read:g} units and writes {written:g}" in " ".join(SHOWN.split())


def test_costs_grow_with_the_organisation_and_no_faster() -> None:
    """Ten times as many mailboxes are ten times as dear at most."""
    small, large = (sum(Organisation(each).month().values()) for each in (100_000, 1_000_000))
    assert small < large <= 10 * small


def test_an_item_of_mail_is_as_small_as_writing_it_once_may_be() -> None:
    """A unit of writing each: what the model takes for granted."""
    assert entry_bytes() < 1024
    assert message_bytes() < 1024
