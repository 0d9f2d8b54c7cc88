"""OAuth 2: what the key `oauth2` of behavior.yaml stands for, and what it decides."""
