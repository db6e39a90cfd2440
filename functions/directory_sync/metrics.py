"""What CloudWatch is told of directories, beside what AWS measures by itself; the alarms of template.yaml watch it.

A line of the log each, in the embedded metric format. It may be written twice, by a function that is called again: so
alarms ask for the largest value, never for a sum.
"""

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit

from addresses.run import Run, RunStatus
from addresses.run_book import directory_of

SYNC_HELD, SYNC_FAILED, SYNC_AGE, OLDEST_SYNC = "SyncHeld", "SyncFailed", "SyncAge", "OldestSync"
_OF_STATUS = {RunStatus.HELD: SYNC_HELD, RunStatus.FAILED: SYNC_FAILED}


def publish_run(run: Run) -> None:
    """That a sync is held, or failed. Of a dry run and a trial, whoever asked for it is told."""
    name = _OF_STATUS.get(run.status)
    if name and directory_of(run):
        with single_metric(name, MetricUnit.Count, 1) as metric:
            metric.add_metadata("run", run.id)


def publish_ages(ages: dict[str, float], request: str) -> None:
    """How many seconds ago the last good sync of each directory began, and of them all the oldest.

    Without directories that is 0, so that there is always something to be missed when the schedule stands still.
    ``request`` is the id of the invocation that says so.
    """
    for directory, age in ages.items():
        with single_metric(SYNC_AGE, MetricUnit.Seconds, age) as metric:
            metric.add_dimension("directory", directory)
            metric.add_metadata("function_request_id", request)
    with single_metric(OLDEST_SYNC, MetricUnit.Seconds, max(ages.values(), default=0)) as metric:
        metric.add_metadata("function_request_id", request)
