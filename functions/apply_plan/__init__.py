"""Carries out plans, part by part, as the state machine asks; ends their runs; plans what takes a run back."""
