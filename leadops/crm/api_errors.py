"""From an answer that is no success to the failure that a read raises (docs/api.md §3)."""

from urllib.parse import urlsplit

from leadops.core.errors import DeniedError, LeadopsError, RequestRefusedError, UnavailableError
from leadops.core.text import visible
from leadops.crm.envelope import LICENCE, NO_ENTERPRISE, Refusal, looks_like_html
from leadops.crm.transport import Answer

LOOK_ALIKE = (
    "a wrong token, the wrong kind of token (sync or async) and a wrong enterprise id look alike here:\n"
    "check all three on the API token screen of the workspace (Settings, Website and API)"
)
_PREFIX = "the base URL of the sync API ends in /autoupdate/v2; without it a web page answers"


def is_denial(refusal: Refusal) -> bool:
    """Whether the token or the licence is refused, not the request."""
    if refusal.status in {401, 402} or refusal.code in {LICENCE, NO_ENTERPRISE}:
        return True
    return refusal.status == 403 and not refusal.code.startswith("INVALID_")


def denied(host: str, refusal: Refusal) -> DeniedError:
    """Return the failure of a refused token or licence."""
    words = f": {visible(refusal.message)}" if refusal.message else ""
    if refusal.status == 402 or refusal.code == LICENCE:
        return DeniedError(
            f"the workspace's licence does not allow this ({refusal.code or refusal.status}){words}",
            "the subscription is renewed in TeleCRM's dashboard; then run the same command again",
        )
    return DeniedError(f"{host} refuses the token ({refusal.status}){words}", LOOK_ALIKE)


def refused(host: str, answer: Answer, refusal: Refusal | None) -> LeadopsError:
    """Return the failure behind an answer that is no success; ``refusal`` is the API's, if it spoke."""
    status = answer.status
    if 300 <= status < 400:
        target = urlsplit(answer.headers.get("location", "")).hostname or "another place"
        return UnavailableError(
            f"{host} redirects to {visible(target)} ({status}); redirects are not followed",
            "check the base URL; a login page of the network answers like this too",
        )
    if refusal is None:
        if status == 401:
            return denied(host, Refusal(401, "", ""))
        what = "a web page" if looks_like_html(answer) else "something that is not the API"
        return UnavailableError(
            f"{host} answers {status} with {what}",
            _PREFIX if status in {404, 405} else "a proxy may stand between",
        )
    if is_denial(refusal):
        return denied(host, refusal)
    code = f" {refusal.code}" if refusal.code else ""
    return RequestRefusedError(
        f"{host} refuses the request ({refusal.status}{code}): {visible(refusal.message) or 'no reason given'}",
        refusal.status,
    )
