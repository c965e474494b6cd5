/// <reference types="node" />
import { execFileSync } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { quoted, recipe } from "./signing";

const sh = (script: string) => execFileSync("sh", ["-c", script], { encoding: "utf8" });

describe("the recipe", () => {
  it("quotes what a shell would read otherwise", () => {
    const text = `it's "$HOME" \`id\` \\n`;
    expect(sh(`printf %s ${quoted(text)}`)).toBe(text);
  });

  it("signs as Standard Webhooks says, with zero bytes in the key, too", () => {
    const key = Buffer.concat([Buffer.from([0, 10, 32]), randomBytes(29)]);
    const body = `{"ship": "Aurora's twin"}`;
    const script = recipe("http://harbour.example/api/v1/hooks/1", `whsec_${key.toString("base64")}`, body);
    const printed = `${script.slice(0, script.indexOf("curl"))}printf '%s\\n' "$id" "$at" "$signature"`;
    const [id, at, signature] = sh(printed).trim().split("\n");
    expect(signature).toBe(createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64"));
  });
});
