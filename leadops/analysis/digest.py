"""What a schema says, as one short text: equal exactly when two workspaces' metadata say the same."""

import hashlib
import json
from dataclasses import asdict

from leadops.model.schema import Schema


def schema_hash(schema: Schema) -> str:
    """Return a digest of ``schema``; when it was pulled is no part of it."""
    said = asdict(schema)
    del said["pulled_at_ms"]
    text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
