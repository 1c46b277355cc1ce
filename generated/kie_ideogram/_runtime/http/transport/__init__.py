"""Performs effects and sends requests, blocking or with asyncio."""
