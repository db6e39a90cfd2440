"""Sets what the embedded AWS drops silently when CloudFormation makes a resource, though its own calls know it.

All values come from the template, so that the local stack is what the template says.
"""

from local import aws
from local.template import Template, of_type


def put_right(template: Template, resources: dict[str, str], endpoint: str) -> None:
    """Sets the dropped properties of every table and bucket; `resources` are physical names by logical ones."""
    session = aws.session()
    dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=aws.DIRECT)
    s3 = session.client("s3", endpoint_url=endpoint, config=aws.DIRECT)
    for name, table in of_type(template, "AWS::DynamoDB::Table"):
        properties = table["Properties"]
        dynamodb.update_time_to_live(
            TableName=resources[name], TimeToLiveSpecification=properties["TimeToLiveSpecification"]
        )
        dynamodb.update_continuous_backups(
            TableName=resources[name],
            PointInTimeRecoverySpecification=properties["PointInTimeRecoverySpecification"],
        )
        enabled = properties["SSESpecification"]["SSEEnabled"]
        dynamodb.update_table(TableName=resources[name], SSESpecification={"Enabled": enabled})
    for name, bucket in of_type(template, "AWS::S3::Bucket"):
        [encryption] = bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        s3.put_bucket_encryption(
            Bucket=resources[name],
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": encryption["ServerSideEncryptionByDefault"]}]
            },
        )
