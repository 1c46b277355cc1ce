"""The same clients as the contract tests."""

from tests.client.conftest import addresses, client, clock

__all__ = ["addresses", "client", "clock"]
