"""An installation of its own for every test."""

from tests.doctor.clinic import clinic, compiled, furnished

__all__ = ["clinic", "compiled", "furnished"]
