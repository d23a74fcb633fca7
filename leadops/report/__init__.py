"""The jinja2 door: view model and templates of the reports."""
