"""The builder: from Lark's parse tree to the AST, one function a rule."""
