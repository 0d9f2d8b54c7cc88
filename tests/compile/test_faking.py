"""A recipe calls what Faker makes plain values with, in bounded numbers, and nothing else."""

from __future__ import annotations

import datetime
import importlib
import pkgutil
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from faker import Faker

from emulator.compile.faking import PACKAGES, Faking, NotFaked
from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import SpecError

EXAMPLE = Path(__file__).parents[1] / "spec" / "bad" / "fixture-expression"


@pytest.fixture(scope="module")
def faking() -> Faking:
    return Faking("en_US", "seed")


def recipe(folder: Path, *fields: str) -> list[str]:
    """What is said of a provider whose recipe has these expressions, or nothing."""
    spec = folder / EXAMPLE.name
    shutil.copytree(EXAMPLE, spec, dirs_exist_ok=True)
    (spec / "fixtures" / "things.yaml").write_text(
        'generate: 2\nrecord:\n  id: "${n}"\n'
        + "".join(f'  f{at}: "${{{one}}}"\n' for at, one in enumerate(fields))
    )
    try:
        load(Place(spec, spec / "fixtures"))
    except SpecError as error:
        return [
            f"{diagnostic.code}: {diagnostic.what}" for diagnostic in error.diagnostics
        ]
    return []


MACHINERY = """
    add_provider del_arguments factories format generator get_formatter get_providers
    items locales optional parse provider providers random seed seed_instance seed_locale
    set_arguments set_formatter unique weights
    __class__ __init__ _dga
"""
NOT_PLAIN = """
    binary csv dsv enum fixed_width image json json_bytes psv pydict pyiterable pylist
    pyobject pyset pystr_format pystruct pytuple tar tsv uuid1 uuid7 xml zip
"""
"""Methods of providers that reach the machinery, or make no plain value."""


def test_nothing_else_of_faker_is_called(tmp_path: Path) -> None:
    """Faker's machinery is refused by name when the spec is loaded."""
    names = (MACHINERY + NOT_PLAIN).split()

    told = recipe(tmp_path, *(f"fake.{name}()" for name in names))

    what = "unknown-function: a recipe cannot call fake.{} in this locale"
    assert sorted(told) == sorted(what.format(name) for name in names)


def test_a_recipe_does_not_read_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What leaked it is refused, and its value is in no message."""
    monkeypatch.setenv("OTHERS_SECRET", "leaked")
    installs = (
        "{0[4].__class__.pyobject.__globals__[sys].modules[os].environ[OTHERS_SECRET]}"
    )

    told = [
        *recipe(tmp_path, f"fake.add_provider('{installs}')"),
        *recipe(tmp_path, "[fake.format(fake.get_providers())]"),
        *recipe(tmp_path, f"fake.image_url(1, 1, '{installs}')"),
        *recipe(tmp_path, "fake.bothify('{{pyobject}}')"),
    ]

    assert len(told) == 4
    assert "leaked" not in "".join(told)
    assert [one.partition(":")[0] for one in told] == [
        *["unknown-function"] * 2,
        *["fixture-expression"] * 2,
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "fake.text(1000000000)",
        "fake.sentence(100000000)",
        "fake.words(100000000)",
        "fake.random_choices([1], 100000000)",
        "fake.pystr(1, 1000000000)",
        "fake.password(100000000)",
        "fake.texts(10000, 10000)",
        "fake.texts(nb_texts=10000)",
        "fake.paragraphs(10000)",
        "fake.domain_name(10000)",
        "fake.random_number(10000)",
        "fake.pyfloat(10000, 10000)",
        "fake.lexify(join(['????????'] + [fake.pystr(8000, 8000) for i in [1]]))",
        "fake.md5(true)",
        "fake.time_series()",
        "fake.pytimezone()",
    ],
)
def test_too_much_is_not_made(tmp_path: Path, expression: str) -> None:
    """Neither sizes beyond the bounds nor what JSON cannot hold."""
    (told,) = recipe(tmp_path, expression)

    assert told.startswith("fixture-expression: record 1 cannot be made: ")


def test_what_is_plain_is_made(tmp_path: Path) -> None:
    """Values may be large where sizes may not."""
    assert not recipe(tmp_path, "text(fake.pyint(1, 1000000000000)) + fake.text(5000)")


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "ja_JP", "pt_BR"])
def test_every_method_gives_json(locale: str) -> None:
    """Or says that it does not; it never gives an object of Python."""
    faking = Faking(locale, "seed")
    for name in faking.methods:
        if name in ("pytimezone", "time_delta", "time_series"):
            with pytest.raises(NotFaked):
                faking[name]()
        else:
            # Banks of a country that has none: each version says so in another way.
            with suppress(NotImplementedError, AttributeError):
                assert is_json(faking[name]()), name


PLAIN = ("bool", "int", "float", "str", "Decimal")


def is_json(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(is_json, value))
    if isinstance(value, dict):
        return all(isinstance(one, str) for one in value) and is_json([*value.values()])
    return value is None or type(value).__name__ in PLAIN


def test_times_are_texts(faking: Faking) -> None:
    """As every other time that an expression sees."""
    assert datetime.datetime.fromisoformat(faking["date_time"]()).tzinfo
    assert datetime.date.fromisoformat(faking["date_object"]())
    assert datetime.time.fromisoformat(faking["time_object"]())


def test_the_values_are_those_of_faker(faking: Faking) -> None:
    """The seed gives here what it gives there."""
    faker = Faker("en_US")
    faker.seed_instance("seed")
    faking = Faking("en_US", "seed")

    for name in ("city", "company", "name", "street_name", "text", "pyint"):
        assert faking[name]() == getattr(faker, name)()


def test_every_package_of_faker_is_decided() -> None:
    """One that is listed exists; one that is not listed is not called."""
    providers = importlib.import_module("faker.providers")
    there = {one.name for one in pkgutil.iter_modules(providers.__path__)}

    assert PACKAGES.keys() - {""} <= there
    for package, names in PACKAGES.items():
        name = f"faker.providers.{package}".rstrip(".")
        module = importlib.import_module(name)
        kind = module.Provider if package else module.BaseProvider
        assert all(hasattr(kind, one) for one in names or ())
