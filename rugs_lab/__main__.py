"""``python -m rugs_lab`` is ``rugs-lab``, for where the scripts of the environment are not on the path."""

from rugs_lab.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
