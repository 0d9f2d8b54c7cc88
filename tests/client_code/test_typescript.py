"""What TypeScript knows of the client to copy, and of the admin API by its document."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import npm
import requests

import emulator

CLIENT = Path(__file__).parents[2] / "docs" / "clients" / "emulator.mjs"

SAMPLE = """
import type { components } from "./admin";
import { Emulator, EmulatorError, inWorld, World, type WorldOptions } from "./emulator.mjs";

type Schemas = components["schemas"];
type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
// What the client takes is what the server takes, and what it is given what the server gives.
// `seed` is another name of `rng_seed`, for those who guess.
type Taken = Exclude<keyof Schemas["NewWorld"], "seed">;
const names: Equal<keyof WorldOptions, Taken> = true;
const taken = (options: WorldOptions): Schemas["NewWorld"] => options;
const given = (born: Schemas["Born"]): World => new World(new Emulator(), born);

const options: WorldOptions = { providers: ["acme"], clock: "frozen", scenario: "acme/slow" };
export const test = inWorld(options, async (world) => {
  const list: string = `${world.url("acme")}/things`;
  await fetch(list, { headers: world.headers("acme", "expired") });
  await world.fault({ provider: "acme", status: 503 } satisfies Schemas["NewFault"]);
  await world.verify({ operation: "listThings", times: 1 });
});
export const is409 = (error: unknown) => error instanceof EmulatorError && error.status === 409;
// @ts-expect-error a misspelt option
new Emulator().world({ provider: ["acme"] });
// @ts-expect-error a length is a text
new World(new Emulator(), { id: "a", providers: {} }).advance(61);
"""


@npm.needs("typescript", "openapi-typescript", "@types/node")
def test_types_of_the_client_fit_the_types_of_the_admin_document(
    tmp_path: Path,
) -> None:
    """As docs/how-to/test-from-javascript.md makes them; both strictly."""
    with emulator.start(["jobriver"]) as server:
        document = requests.get(f"{server.url}/_emulator/openapi.json").content
    (tmp_path / "admin.json").write_bytes(document)
    (tmp_path / "sample.ts").write_text(SAMPLE)
    shutil.copy(CLIENT, tmp_path)

    for line in (
        "openapi-typescript admin.json --default-non-nullable=false -o admin.d.ts",
        (
            "tsc --noEmit --strict --allowJs --checkJs --target es2022 --module nodenext"
            f" --types node --typeRoots {npm.MODULES}/@types sample.ts"
        ),
    ):
        program, *words = line.split()
        done = subprocess.run(
            [str(npm.MODULES / ".bin" / program), *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
