"""`python -m services.cli` is `fengqiao`."""

from services.cli import main

main()
