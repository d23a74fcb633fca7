"""The workspace's schema: the project's committed file, the cache, or fresh from the service."""
