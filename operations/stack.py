"""A deployed stack, by its name: what it says of itself, in the account and region that the environment names."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient


class NoSuchStack(LookupError):
    """The account has no stack of this name in this region."""


def outputs(cloudformation: "CloudFormationClient", stack: str) -> dict[str, str]:
    """The stack's outputs by their names, as template.yaml has them.

    Raises:
        NoSuchStack: there is none of this name.
    """
    try:
        [found] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except cloudformation.exceptions.ClientError as refusal:
        if refusal.response["Error"]["Code"] != "ValidationError":
            raise
        region = cloudformation.meta.region_name
        raise NoSuchStack(
            f"There is no stack {stack} in {region}: name it by STACK=, the region by AWS_REGION."
        ) from None
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
