"""The httpx door: wire shapes, client, auth, limits, retry, errors, discovery of the schema."""
