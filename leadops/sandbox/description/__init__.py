"""What the sandbox answers, as an OpenAPI document and as the tables of docs/sandbox.md."""
