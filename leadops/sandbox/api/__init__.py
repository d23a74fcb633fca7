"""The service's rules: what each endpoint makes of a request, apart from HTTP. Start with ``leads``."""
