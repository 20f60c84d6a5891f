"""Run by `python3 -m unittest discover -s tests -p "check_*.py" -t .`."""
