"""Bytes, AMI fields, TOML and JSON to and from core, without any IO."""
