"""From text to AST and back. In: a playbook's text. Out: its tree and findings with places, or its canonical text.

Start with ``parser``; what a mistake was meant to be stands in ``hints``.
"""
