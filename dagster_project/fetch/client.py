"""The one way to a shop's API: dlt's REST client with our manners. The only module that needs the extra [api].

One origin, no redirects, bounded waits and tries; every fault is a sentence without secrets. What is asked and what the
answer means stands in the modules of the shops.
"""

from __future__ import annotations

import hashlib
import json
import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests import ChunkedEncodingError, Client, HTTPError, RequestException
from dlt.sources.helpers.rest_client import RESTClient

from dagster_project.errors import SegmentsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydantic import SecretStr

    from dagster_project.settings import Settings

TIMEOUT_SECONDS = 60
BUSY = frozenset({408, 425, 429, *range(500, 600)})
REFUSED = frozenset({401, 403})
OK = 200
MOVED = 3
NOTHING_LANDED = "Nothing has landed of what was being fetched; the next fetch begins where this one did."
REPEATED_PAGES = 3


class ShopClient:
    """Asks one shop, patiently and not for ever."""

    def __init__(
        self,
        url: str,
        auth: Any,
        *,
        secrets: dict[str, SecretStr],
        settings: Settings,
        judge: Callable[[Any], tuple[str, float] | None],
        log: Callable[[str], None],
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            url: of the API; nothing else is ever asked.
            auth: dlt's way to sign requests.
            secrets: by the name of their setting; named in errors, their values never shown.
            settings: how often and how long to try.
            judge: what an answer's JSON says against itself: a sentence and the seconds to wait before the next try,
                or None. It raises SegmentsError for what no further try will heal.
            log: told about tries.
        """
        self._url = url
        self._secrets = secrets
        self._tries = settings.fetch_tries
        self._judge = judge
        self._log = log
        client = Client(
            raise_for_status=False,
            request_timeout=TIMEOUT_SECONDS,
            status_codes=sorted(BUSY),
            request_max_attempts=settings.fetch_tries,
            request_backoff_factor=1,
            request_max_retry_delay=settings.fetch_longest_wait_seconds,
        )
        self._rest = RESTClient(url, auth=auth, session=client.session, config=RuntimeConfiguration())

    def pages(self, path: str, *, paginator: Any, selector: str, **request: Any) -> Iterator[Any]:
        """Pages of a resource as dlt gives them: a list each, with ``response``.

        Raises:
            SegmentsError: the shop refuses, fails for too long, or serves the same pages for ever.
        """
        pages = self._rest.paginate(
            path,
            paginator=paginator,
            data_selector=selector,
            hooks={"response": [self._settle]},
            allow_redirects=False,
            **request,
        )
        guard = _LoopGuard(self._url)
        try:
            for page in pages:
                yield page
                guard.check(page)
        except RequestException as error:
            raise SegmentsError(self._gave_up(error)) from None

    def ask(self, path: str, *, method: str = "GET", **request: Any) -> Any:
        """The JSON of one answer; raises as ``pages`` does."""
        hooks = {"response": [self._settle]}
        try:
            return self._rest.request(path, method, hooks=hooks, allow_redirects=False, **request).json()
        except RequestException as error:
            raise SegmentsError(self._gave_up(error)) from None

    def hidden(self, text: str) -> str:
        """The text without any secret."""
        for name, secret in self._secrets.items():
            text = text.replace(secret.get_secret_value(), f"<{name}>")
        return text

    def _settle(self, response: Any, *_args: Any, **_kwargs: Any) -> None:
        """Say of each answer whether it counts, is worth another try (dlt's retry sees to it) or ends the fetch."""
        status = response.status_code
        if status in BUSY:
            self._try_again(response, f"the shop answers {status}")
        if status in REFUSED:
            raise SegmentsError(
                f"{self._url} refuses {' and '.join(self._secrets)} ({status}): expired, withdrawn, or without "
                f"the right to read orders. {NOTHING_LANDED}"
            )
        if status != OK:
            where = " (it wants to send us elsewhere: correct the address)" if status // 100 == MOVED else ""
            raise SegmentsError(f"{self._url} answers {status}{where}. {NOTHING_LANDED}")
        try:
            body = json.loads(response.content)
        except ValueError as error:
            self._log("the answer is no JSON, trying again")
            raise ChunkedEncodingError("the answer is no JSON") from error
        try:
            fault = self._judge(body)
        except SegmentsError as error:
            raise SegmentsError(self.hidden(str(error))) from None
        if fault:
            response.headers["Retry-After"] = str(fault[1])
            self._try_again(response, fault[0])

    def _try_again(self, response: Any, sentence: str) -> None:
        response.status_code = max(response.status_code, 400) if response.status_code in BUSY else 429
        wait = response.headers.get("Retry-After")
        if wait:
            # Shopify asks for "2.0" seconds, which dlt does not read.
            response.headers["Retry-After"] = _whole_seconds(wait)
        self._log(f"{sentence}, trying again{f' as asked in {wait} s' if wait else ''}")
        raise HTTPError(sentence, response=response)

    def _gave_up(self, error: Exception) -> str:
        return self.hidden(f"{self._url}: gave up after {self._tries} tries: {error}. {NOTHING_LANDED}")


class _LoopGuard:
    """Ends a fetch that is served the same for ever."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._asked: set[str] = set()
        self._served: set[bytes] = set()
        self._repeated = 0

    def check(self, page: Any) -> None:
        """Look at the page just served and at the request that would follow."""
        if not page.paginator.has_next_page:
            return
        following = json.dumps([page.request.url, page.request.params, page.request.json], sort_keys=True, default=str)
        content = hashlib.sha256(json.dumps(page, sort_keys=True, default=str).encode()).digest()
        self._repeated = self._repeated + 1 if content in self._served else 0
        if following in self._asked or self._repeated >= REPEATED_PAGES:
            raise SegmentsError(f"{self._url} serves the same pages again and again. {NOTHING_LANDED}")
        self._asked.add(following)
        self._served.add(content)


def served_at(response: Any) -> datetime:
    """When the shop answered, by its own clock; by ours if it does not say."""
    try:
        moment: datetime = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError, TypeError):
        return datetime.now(tz=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def rows_of(page: Sequence[Any], url: str) -> list[dict[str, Any]]:
    """The objects of a page.

    Raises:
        SegmentsError: the page holds something else, so this is not the API that was meant.
    """
    if not all(isinstance(row, dict) for row in page):
        raise SegmentsError(f"{url} serves rows that are no objects: is this the address of the shop?")
    return list(page)


def _whole_seconds(text: str) -> str:
    try:
        return str(max(0, math.ceil(float(text))))
    except (ValueError, OverflowError):
        return text
