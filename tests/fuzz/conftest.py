"""The same clients as the contract tests."""

from tests.client.conftest import client, clock

__all__ = ["client", "clock"]
