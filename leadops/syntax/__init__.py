"""From text to AST and back: the lark door, builder, comments and printer."""
