"""A read, tried again while that makes sense (docs/reliability.md, "Retry, rate and budget")."""

import logging
from dataclasses import dataclass, replace
from typing import Any

from leadops.core.clock import Clock
from leadops.core.errors import RequestRefusedError, UnavailableError
from leadops.crm.api_errors import is_denial, refused
from leadops.crm.envelope import refusal_in, rows_of
from leadops.crm.pacing import Backoff, Patience, RetryQuota, out_of_patience
from leadops.crm.strict_json import MalformedError
from leadops.crm.transport import Answer, Ask, Broken, Door

_LOG = logging.getLogger("leadops.crm")
_TRANSIENT = frozenset({408, 425, 499})


@dataclass(slots=True)
class Asker:
    """Sends reads until they are answered, refused, or not worth another try."""

    door: Door
    clock: Clock
    patience: Patience
    backoff: Backoff
    quota: RetryQuota

    async def ask(self, request: Ask) -> tuple[Any, Answer]:
        """Return the JSON value that answers ``request`` (values that cannot be read marked, see ``flaws``), and the answer.

        Raises:
            RequestRefusedError: the service refuses this request (``status`` 4xx), or fails on it again and again (500).
            DeniedError: it refuses the token or the licence.
            UnavailableError: it cannot be reached, or something else answers.
            TemporaryError: it asks to wait for longer than a read waits.
        """
        failures = crashes = 0
        throttled_at: float | None = None
        while True:
            result = await self.door.exchange(request)
            if isinstance(result, Answer) and result.status == 429:
                now = self.clock.monotonic()
                throttled_at = now if throttled_at is None else throttled_at
                _LOG.debug("throttled", extra={"fields": {"path": request.path}})
                if now - throttled_at >= self.patience.throttled_total:
                    raise out_of_patience(self.door.host, now - throttled_at)
                continue
            if isinstance(result, Broken):
                problem = UnavailableError(result.reason, result.help)
                most = self.patience.attempts if result.sent else self.patience.unreachable_attempts
                failures = most if result.hopeless else failures + 1
                wait = None
            else:
                found = self._judge(result)
                if not isinstance(found, UnavailableError):
                    self.quota.succeeded()
                    return found[0], result
                crashes += result.status == 500
                if crashes >= self.patience.broken_attempts:
                    raise RequestRefusedError(
                        f"{self.door.host} fails on this request each time (500)",
                        500,
                        "the request itself is the cause; repeating it does not help",
                    )
                problem, most, wait = found, self.patience.attempts, result.retry_after_s
                failures += 1
            timed_out = isinstance(result, Broken) and result.timed_out
            if failures >= most or not self.quota.spend(timed_out=timed_out):
                raise problem
            pause = self.backoff.failed(failures) if wait is None else wait
            _LOG.debug(
                "retry",
                extra={"fields": {"path": request.path, "after": problem.message, "wait_s": round(pause, 2)}},
            )
            await self.clock.sleep(pause)

    def _judge(self, answer: Answer) -> tuple[Any] | UnavailableError:
        """Return the value in a 1-tuple, or the failure that another try may mend.

        Raises:
            LeadopsError: the failure that no other try mends.
        """
        host, status = self.door.host, answer.status
        try:
            value = rows_of(answer)
        except MalformedError as error:
            if status >= 500 or status in _TRANSIENT:
                return UnavailableError(f"{host} answers {status}", "run the same command again later")
            if not 200 <= status < 300:
                raise refused(host, answer, None) from None
            return UnavailableError(
                f"{host} answers with what cannot be read: {error}",
                "the base URL of the sync API ends in /autoupdate/v2; a login page of the network answers like this too",
            )
        refusal = refusal_in(status, value)
        if refusal is not None:
            refusal = replace(refusal, message=self.door.redactor.text(refusal.message))
        denial = refusal is not None and is_denial(refusal)
        if (status >= 500 or status in _TRANSIENT) and not denial:
            return UnavailableError(f"{host} answers {status}", "run the same command again later")
        if refusal is not None or not 200 <= status < 300:
            raise refused(host, answer, refusal)
        return (value,)
