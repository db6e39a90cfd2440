"""What S3 tells of a file: whose it is, and that it is the same file when it is told twice."""

import json

import pytest
from pydantic import ValidationError

from addresses.run import Upload
from local import ROOT
from spreadsheet_import.arrival import arrivals

EVENT = json.loads((ROOT / "events" / "spreadsheet_uploaded.json").read_text(encoding="utf-8"))


def test_a_file_is_known_by_its_key_and_version() -> None:
    """S3 writes keys as forms do; the run's id begins with the time, and is the same for the same file."""
    [arrival] = arrivals(EVENT)
    key = "uploads/merger/Staff list (March).xlsx"
    assert Upload(key, "Staff list (March).xlsx", "096fKKXTRTtl3on89fVO.nfljtsv6qko") == arrival.upload
    assert (8431, "AWS:AIDAJDPLRKLG7UEXAMPLE") == (arrival.size, arrival.actor)
    assert arrival.run.startswith("20260301T094501Z-")
    assert [arrival] == arrivals(EVENT)


def test_a_key_of_the_form_that_links_have_names_its_run() -> None:
    """Deeper keys are anybody's own order."""
    [record] = EVENT["Records"]
    of_key = {}
    for key in ("uploads/list.csv", "uploads/20260301T094500Z-0f3c5d2e9a71/list.csv", "uploads/a/b/list.csv"):
        stored = record["s3"] | {"object": record["s3"]["object"] | {"key": key}}
        [of_key[key]] = arrivals({"Records": [record | {"s3": stored}]})
    assert [None, "20260301T094500Z-0f3c5d2e9a71", None] == [each.ordered for each in of_key.values()]
    assert 3 == len({each.run for each in of_key.values()})


def test_an_event_without_versions_fails_loudly() -> None:
    """Whatever is put in the place of a file must not be taken for it."""
    [record] = EVENT["Records"]
    stored = {name: value for name, value in record["s3"]["object"].items() if name != "versionId"}
    with pytest.raises(ValidationError):
        arrivals({"Records": [record | {"s3": record["s3"] | {"object": stored}}]})
