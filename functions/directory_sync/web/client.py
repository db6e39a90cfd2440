"""Asks one web service over HTTPS, as often as it takes, and no longer than the run has time.

Whatever is sent through here must be safe to send again. Every request stays on the host that was configured: a link
in an answer that leads elsewhere would carry the token there. Foreign errors become those of ``errors`` here, once.
"""

import logging
import ssl
from functools import cache
from typing import Any

import httpx

from directory_sync.errors import CertificateRefused, IncompleteReading, OutOfTime, Unreachable
from directory_sync.web.answer import TRIES, Answer
from directory_sync.web.patience import Clock, pause

# At INFO httpx logs every URL, and a link of Graph has a token in it.
logging.getLogger("httpx").setLevel(logging.WARNING)

# Seconds that a service may be silent, as long as the run has that much time left.
_LONGEST_SILENCE = 30.0
_LARGEST_ANSWER = 64 * 1024 * 1024
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_PORTS = {"https": 443, "http": 80}


@cache
def trusted() -> ssl.SSLContext:
    """The authorities that may vouch for a host, read once per container: the environment's, else the public ones."""
    return httpx.create_ssl_context()


class Web:
    """One web service. A proxy or an authority that the environment names is minded.

    Its certificate is always checked, and redirects are never followed.
    """

    def __init__(self, url: str, deadline: float, clock: Clock) -> None:
        """``url`` is where it is; ``deadline`` on ``clock.monotonic`` is when the run's time ends."""
        self._home = httpx.URL(url)
        self._deadline = deadline
        self._clock = clock
        # No proxy leads to this machine itself.
        minds_proxies = self._home.host not in _LOOPBACK
        self._client = httpx.Client(verify=trusted(), follow_redirects=False, trust_env=minds_proxies)

    def close(self) -> None:
        """Disconnect."""
        self._client.close()

    def leads_here(self, link: str) -> bool:
        """Whether a link leads to this service: the same scheme, host and port, and nobody's name before the host."""
        try:
            url = httpx.URL(link)
            is_home = _origin(url) == _origin(self._home)
        # Of a host with an A-label that is none, httpx gives an address, and only its name raises.
        except (httpx.InvalidURL, UnicodeError, OverflowError):
            return False
        # A name before the host would replace the token by a password (RFC 3986 section 3.2.1).
        return is_home and not url.userinfo

    def ask(self, method: str, url: str, **sent: Any) -> Answer:
        """The answer to a request, asked again while the service is busy; ``sent`` as httpx takes it.

        Raises:
            IncompleteReading: the URL leads to another host, or the answer is a redirect or larger than any is.
            OutOfTime: the time of the run ends before the service answers.
            Unreachable: nothing answers, or the connection was lost again and again.
            CertificateRefused: who answers cannot prove to be that host.
        """
        if not self.leads_here(url):
            raise IncompleteReading(
                f"An answer of {self._home.host} leads to another host, where the token must not go. Nothing was sent "
                "there; check that the configured URL is that of the directory's service."
            )
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self._once(method, url, sent)
            except httpx.RequestError as failure:
                if attempt == TRIES or _is_refused(failure):
                    raise self._translated(failure) from failure
                self.wait(attempt)
                continue
            if not answer.is_passing(attempt):
                return self._final(answer)
            self.wait(attempt, answer.retry_after)

    def wait(self, attempt: int, *retry_after: str | None) -> None:
        """Wait before the service is asked again, as long as the most patient of its wishes says.

        Raises:
            OutOfTime: the run has not so much time left; nothing is waited for.
        """
        seconds = max(pause(attempt, wish, self._clock.now()) for wish in retry_after or [None])
        left = self._left()
        if seconds >= left:
            raise OutOfTime(
                f"{self._home.host} is busy or not reachable, and should be asked again in {seconds:.0f} s, but this "
                f"run has only {left:.0f} s left: run again later, or less often."
            )
        self._clock.sleep(seconds)

    def _once(self, method: str, url: str, sent: dict[str, Any]) -> Answer:
        content = bytearray()
        timeout = min(_LONGEST_SILENCE, self._left())
        with self._client.stream(method, url, timeout=timeout, **sent) as response:
            for chunk in response.iter_bytes():
                # httpx bounds each silence, not their sum: a byte now and then would keep it reading for ever.
                self._left()
                content += chunk
                if len(content) > _LARGEST_ANSWER:
                    raise IncompleteReading(
                        f"{self._home.host} gave an answer of more than {_LARGEST_ANSWER} bytes: check that the "
                        "configured URL is that of the directory's service."
                    )
        return Answer(self._home.host, response.status_code, bytes(content), response.headers.get("Retry-After"))

    def _left(self) -> float:
        left = self._deadline - self._clock.monotonic()
        if left <= 0:
            raise OutOfTime(f"The time of this run ended before {self._home.host} had answered to the end: run again.")
        return left

    def _final(self, answer: Answer) -> Answer:
        if answer.status >= 500:  # noqa: PLR2004 - HTTP's errors of the server
            raise Unreachable(f"{answer.host} answers with error {answer.status} ({answer.refusal}): run again later.")
        if 300 <= answer.status < 400:  # noqa: PLR2004 - HTTP's redirects
            raise IncompleteReading(
                f"{answer.host} answers with a redirect ({answer.status}), and none is followed: configure the URL "
                "of the directory's service itself."
            )
        return answer

    def _translated(self, failure: httpx.RequestError) -> CertificateRefused | Unreachable:
        host = self._home.host
        if _is_refused(failure):
            return CertificateRefused(
                f"The certificate of {host} is not signed by an authority that is known here, is not of this name, or "
                "has expired: check the configured URL, and whether a proxy stands between."
            )
        if isinstance(failure, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
            return Unreachable(f"Nothing answers at {host}: check the configured URL, and that it is reachable.")
        return Unreachable(f"The connection to {host} was lost {TRIES} times ({type(failure).__name__}): run again.")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)


def _is_refused(failure: BaseException | None) -> bool:
    """Whether it was the certificate, which stands at the bottom of the chain of causes."""
    while failure is not None:
        if isinstance(failure, ssl.SSLCertVerificationError):
            return True
        failure = failure.__cause__ or failure.__context__
    return False
