"""People of the stack's own user pool: invites them and logs them on. `python -m local.people alice@example.com`."""

import argparse
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from local import ROOT, aws
from local.outputs import Outputs

GROUPS = ("address-admins", "delegation-admins")


def token(outputs: Outputs, email: str, groups: Sequence[str] = ()) -> str:
    """The ID token of a person who is in these groups, for `Authorization: Bearer`; who is not there yet is invited.

    Each call sets a new password, since nobody has to remember it.
    """
    pool = outputs.user_pool_id
    cognito = aws.session().client("cognito-idp", endpoint_url=outputs.endpoint_url, config=aws.DIRECT)
    with suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=email,
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
            MessageAction="SUPPRESS",
        )
    for group in groups:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
    # Cognito wants a capital, a small letter, a digit and a symbol, of which chance alone may leave one out.
    password = f"Aa1-{secrets.token_urlsafe()}"
    cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    answer = cognito.initiate_auth(
        ClientId=outputs.user_pool_client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )
    return answer["AuthenticationResult"]["IdToken"]


def main() -> None:
    """Prints a token, for use with any HTTP client."""
    arguments = argparse.ArgumentParser(description="Logs a person on to the local stack and prints their token.")
    arguments.add_argument("email")
    arguments.add_argument("--group", action="append", default=[], choices=GROUPS, dest="groups")
    arguments.add_argument("--directory", type=Path, default=ROOT / ".local", help="where outputs.json is")
    asked = arguments.parse_args()
    print(token(Outputs.read(asked.directory), asked.email, asked.groups))


if __name__ == "__main__":
    main()
