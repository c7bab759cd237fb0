"""Conformance kit: scripted servers that any vendor's client can be held against."""
