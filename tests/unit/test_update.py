"""The update that a transaction makes of an item, as DynamoDB gets it."""

from addresses.wire import plain, raw, update_request

KEY = ("ADDRESS#a@example.com", "ADDRESS")


def test_an_item_is_written_only_in_the_version_in_which_it_was_read_and_gets_the_next() -> None:
    """What is None is taken away, everything else is set."""
    request = update_request("addresses", KEY, {"mailbox": "m-alice", "left": None, "name": "Alice", "gone": None}, 7)
    assert {
        "TableName": "addresses",
        "Key": {"pk": {"S": KEY[0]}, "sk": {"S": KEY[1]}},
        "UpdateExpression": "SET #0 = :0, #1 = :1, #version = :version REMOVE #2, #3",
        "ConditionExpression": "#version = :version_read",
        "ExpressionAttributeNames": {
            "#0": "mailbox",
            "#1": "name",
            "#2": "left",
            "#3": "gone",
            "#version": "version",
        },
        "ExpressionAttributeValues": {
            ":0": {"S": "m-alice"},
            ":1": {"S": "Alice"},
            ":version": {"N": "8"},
            ":version_read": {"N": "7"},
        },
    } == request


def test_an_item_that_was_not_there_is_written_only_if_it_still_is_not() -> None:
    """Nothing is taken away where nothing is None."""
    request = update_request("addresses", KEY, {"mailbox": "m-alice"}, 0)
    assert "attribute_not_exists(pk)" == request["ConditionExpression"]
    assert "SET #0 = :0, #version = :version" == request["UpdateExpression"]
    assert {":0": {"S": "m-alice"}, ":version": {"N": "1"}} == request["ExpressionAttributeValues"]


def test_an_item_comes_back_from_the_wire_without_what_is_none() -> None:
    """DynamoDB has a null of its own, which no item of this table holds."""
    assert {"name": "Alice", "aliases": {}} == plain(raw({"name": "Alice", "gone": None, "aliases": {}}))
