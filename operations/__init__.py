"""What an operator does by a command: `make replay`, `make refile`. It knows a stack by its name, and asks it the rest.

Each command can be broken off and given again: nothing is taken away before what it leads to is there.
"""
