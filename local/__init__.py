"""The system on one machine: an embedded AWS that runs the project's own template, functions and layer.

Nothing in functions/ or shared/ knows of it.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
