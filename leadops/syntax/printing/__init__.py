"""From AST to canonical text, comments kept. Start with ``printer``; ``layout`` says what stays on one line."""
