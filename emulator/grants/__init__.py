"""Grants: what an OAuth 2 authorization server does, an endpoint or two in each module.

`emulator.steps.grant` calls them. Clients, users, codes, tokens and devices are records
of the world; times are those of its clock, and secrets those of its chance.
"""
