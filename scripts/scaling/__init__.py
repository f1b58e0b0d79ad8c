"""The parts of scripts/scaling.sh."""
