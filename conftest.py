"""Root of the test suite: pytester must be switched on here."""

pytest_plugins = ["pytester"]
