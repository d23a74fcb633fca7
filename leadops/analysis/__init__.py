"""From AST to plan: scope, names against the schema, types, periods, lowering, lint."""
