"""The seal of a saved plan: a hash of each of its parts, so that an edit is named by the part that it touched.

It is no signature: who can write the file can write its seal. What may be done is held by the digest; the seal holds
the rest (when the plan was made, its nonce, what is shown), and the journal the plans that were applied.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

SEAL = "seal"


def hash_of(value: object) -> str:
    """Return a hash of a JSON value that neither spaces nor the order of its keys change; 32 hex digits.

    Raises:
        ValueError: it holds NaN or Infinity. RecursionError: it is nested too deeply.
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def step_hash(step: Mapping[str, Any], changes: Iterable[str]) -> str:
    """Return the hash of a step's form; ``changes`` are the hashes of its changes, in their order."""
    return hash_of([{**step, "changes": []}, list(changes)])


def seal_of(form: Mapping[str, Any], steps: Iterable[str]) -> dict[str, Any]:
    """Return the seal of a plan's form: the hash of each part by its key; of ``steps``, the hash of each."""
    seal: dict[str, Any] = {
        name: hash_of(value) for name, value in form.items() if name not in {SEAL, "steps"}
    }
    return {**seal, "steps": list(steps)}


def seal_of_form(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return the seal of a plan's whole form."""
    return seal_of(
        form, (step_hash(step, (hash_of(change) for change in step["changes"])) for step in form["steps"])
    )


def broken_parts(form: Mapping[str, Any]) -> list[str]:
    """Return the parts of a plan's form that its seal does not fit, by name; steps by number, from 1."""
    seal, held = seal_of_form(form), form[SEAL]
    names = [name for name in [*seal, *held] if name != "steps" and seal.get(name) != held.get(name)]
    steps, kept = seal["steps"], held.get("steps")
    if not isinstance(kept, list) or len(steps) != len(kept):
        return [*dict.fromkeys(names), "steps"]
    wrong = [
        f"step {number}" for number, pair in enumerate(zip(steps, kept, strict=True), 1) if len(set(pair)) > 1
    ]
    return [*dict.fromkeys(names), *wrong]
