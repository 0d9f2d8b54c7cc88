"""What `oauth2` decides: the policy of an authorization server, and of its endpoints."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compile.oauth2.checks import check_options
from emulator.compile.oauth2.endpoints import paths_of
from emulator.compile.source import Source
from emulator.language.templates import Template
from emulator.program.keys import KeyPolicy
from emulator.program.oauth2 import CLIENT_AUTH, GrantPolicy, OAuthPolicy
from emulator.spec.document import Pointer
from emulator.times import SECOND


def compile_oauth2(source: Source, keys: Mapping[str, KeyPolicy]) -> OAuthPolicy | None:
    """What `oauth2` says; None where it is not there."""
    at = ("oauth2",)
    word = source.get(*at)
    if word is None:
        return None
    check_options(source, word)
    signing = None
    if "keys" in word and source.known(
        (*at, "keys"), word["keys"], keys, "signing-key"
    ):
        signing = keys[word["keys"]]
    return OAuthPolicy(
        grants=tuple(word.get("grants", ())),
        pkce=word.get("pkce", "optional"),
        methods=tuple(word.get("pkce_methods", ("S256",))),
        consent=word.get("consent", "ask"),
        scopes=tuple(word.get("scopes", ())),
        tokens=word.get("tokens", "opaque"),
        rotate=word.get("refresh", "rotate") == "rotate",
        keys=signing,
        of=source.template(
            (*at, "issuer"),
            tree=word.get("issuer", f"${{base_url}}{source.openapi.base_path}"),
        ),
        audience=source.optional((*at, "audience")),
        claims=_claims(source),
        code_for=source.duration(*at, "code_for", default=600 * SECOND),
        access_for=source.duration(*at, "access_for", default=3_600 * SECOND),
        refresh_for=source.duration(*at, "refresh_for", default=30 * 86_400 * SECOND),
        device_for=source.duration(*at, "device_for", default=1_800 * SECOND),
        interval=source.duration(*at, "interval", default=5 * SECOND) // SECOND,
        client_auth=tuple(word.get("client_auth", CLIENT_AUTH)),
        response_types=tuple(word.get("response_types", ("code",))),
        par=word.get("par", "off"),
        par_for=source.duration(*at, "par_for", default=60 * SECOND),
        dpop=word.get("dpop", "off"),
        nonce_for=source.duration(*at, "dpop_nonce_for"),
        resources=tuple(word.get("resources", ())),
        paths=paths_of(word),
    )


def _claims(source: Source) -> Template | None:
    fields = source.fields.get("users", frozenset()) | source.fields.get(
        "clients", frozenset()
    )
    return source.optional(("oauth2", "claims"), source.scope.with_fields(fields))


def compile_grant(
    source: Source, pointer: Pointer, server: OAuthPolicy | None
) -> GrantPolicy | None:
    """What `grant` of an operation says."""
    endpoint = source.get(*pointer, "grant")
    if endpoint is None:
        return None
    if server is None:
        source.problem(
            (*pointer, "grant"),
            "missing-key",
            f"the operation is the endpoint {endpoint!r} of no authorization server",
            "`oauth2` says what is granted",
            "add `oauth2: {grants: [client_credentials]}` at the top",
            key=True,
        )
        return None
    return GrantPolicy(endpoint=endpoint, server=server)
