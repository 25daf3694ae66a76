"""Logs: what programs print, read as traces. A dialect (TOML) says how lines look and what their names mean; no code does."""
