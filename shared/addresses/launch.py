"""Has a stored plan carried out: by one execution of the state machine for each run, however often it is asked for."""

import json
from typing import TYPE_CHECKING

from addresses.run import Run

if TYPE_CHECKING:
    from types_boto3_stepfunctions import SFNClient

# So long a run keeps its directory: the state machine gives up after an hour, and then says so.
CARRIED_OUT_WITHIN_MINUTES = 70


class Launcher:
    """The state machine that carries out plans."""

    def __init__(self, stepfunctions: "SFNClient", state_machine: str, bucket: str) -> None:
        """``state_machine``: its ARN; ``bucket``: the name of the bucket of plans."""
        self._stepfunctions = stepfunctions
        self._state_machine = state_machine
        self._bucket = bucket

    def launch(self, run: Run) -> None:
        """Start the execution of this run, whose plan is stored."""
        what = {"run": run.id, "kind": run.kind, "bucket": self._bucket, "plan": run.plan}
        try:
            self._stepfunctions.start_execution(
                stateMachineArn=self._state_machine, name=run.id, input=json.dumps(what)
            )
        except self._stepfunctions.exceptions.ExecutionAlreadyExists:
            # The same name with another input, or ended: either way this run was started before.
            return
