"""Telling people: plan and backoff are pure, webhook sends."""
