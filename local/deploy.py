"""Deploys the project's own template to the embedded AWS through CloudFormation, as `sam deploy` would."""

import copy
import hashlib
import json
import time
from typing import TYPE_CHECKING

from local import aws, build, put_right, template
from local.outputs import Outputs

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient

STACK = "alias-addresses"
ARTIFACTS = "deployment-artifacts"
ENDS_WITHIN = 60.0


class DeploymentFailed(RuntimeError):
    """CloudFormation could not make or change the stack; it says why."""


def deploy(endpoint: str) -> Outputs:
    """Makes the stack, or brings the one that is there up to date with the files as they are now."""
    session = aws.session()
    cloudformation = session.client("cloudformation", endpoint_url=endpoint, config=aws.DIRECT)
    ours = template.load()
    _change(cloudformation, _packaged(ours, endpoint))
    resources = {
        resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "")
        for resource in cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    }
    put_right.put_right(ours, resources, endpoint)
    [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    named = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    return Outputs.from_names(
        named
        | {
            "EndpointUrl": endpoint,
            "Region": aws.REGION,
            # The host name that the stack tells has no address on this machine.
            "ApiUrl": f"{endpoint}/_aws/execute-api/{resources['Api']}",
        }
    )


def _packaged(ours: template.Template, endpoint: str) -> str:
    """Where the template lies, its folders of code replaced by the archives made of them, as `sam package` puts it.

    CloudFormation takes no template of more than 51,200 bytes in a request.
    """
    s3 = aws.session().client("s3", endpoint_url=endpoint, config=aws.DIRECT)
    if ARTIFACTS not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    bundle = build.bundle()
    uploaded = {}
    for name, content in (("layer", bundle.layer), ("functions", bundle.functions)):
        key = f"{name}/{hashlib.sha256(content).hexdigest()}.zip"
        s3.put_object(Bucket=ARTIFACTS, Key=key, Body=content)
        uploaded[name] = {"Bucket": ARTIFACTS, "Key": key}
    packaged = copy.deepcopy(ours)
    packaged["Globals"]["Function"]["CodeUri"] = uploaded["functions"]
    for _, layer in template.of_type(packaged, "AWS::Serverless::LayerVersion"):
        layer["Properties"]["ContentUri"] = uploaded["layer"]
    for _, policy in template.of_type(packaged, "AWS::S3::BucketPolicy"):
        document = policy["Properties"]["PolicyDocument"]
        # On loopback there is no TLS, and the embedded AWS minds the rule that asks for it.
        document["Statement"] = [each for each in document["Statement"] if "aws:SecureTransport" not in str(each)]
    content = json.dumps(packaged, separators=(",", ":")).encode()
    key = f"template/{hashlib.sha256(content).hexdigest()}.json"
    s3.put_object(Bucket=ARTIFACTS, Key=key, Body=content)
    return f"{endpoint}/{ARTIFACTS}/{key}"


def _change(cloudformation: "CloudFormationClient", template_url: str) -> None:
    known = {stack["StackName"] for stack in cloudformation.list_stacks()["StackSummaries"]}
    change = cloudformation.create_change_set(
        StackName=STACK,
        ChangeSetName=f"change-{time.time_ns()}",
        ChangeSetType="UPDATE" if STACK in known else "CREATE",
        TemplateURL=template_url,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )["Id"]
    described = cloudformation.describe_change_set(ChangeSetName=change)
    if described["Status"] == "FAILED" and not described["Changes"]:
        return
    cloudformation.execute_change_set(ChangeSetName=change)
    deadline = time.monotonic() + ENDS_WITHIN
    while time.monotonic() < deadline:
        [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        if stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        time.sleep(0.05)
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    reasons = [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in events
        if event.get("ResourceStatusReason")
    ]
    raise DeploymentFailed("\n".join([f"The stack is {stack['StackStatus']}.", *reasons]))
