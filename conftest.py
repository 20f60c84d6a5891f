"""Root of the test suite: pytester must be switched on here. Examples run below it too, without what tests need."""

pytest_plugins = ["pytester"]
