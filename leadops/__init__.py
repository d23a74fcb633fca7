"""leadops: playbooks for a sales team's leads, previewed exactly and applied once."""

__version__ = "0.1.0"
