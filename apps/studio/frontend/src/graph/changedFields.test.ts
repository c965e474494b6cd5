import { expect, it } from "vitest";
import { changedFields } from "./changedFields";

const before = { name: "Tides", timeout: 60 as number | null, at_once: null as number | null };

it("names what differs and nothing else", () => {
  expect(changedFields(before, { ...before })).toEqual({});
  expect(changedFields(before, { ...before, timeout: 90 })).toEqual({ timeout: 90 });
});

it("sends null where a limit was taken away", () => {
  expect(changedFields(before, { ...before, timeout: null })).toEqual({ timeout: null });
  expect(changedFields(before, { ...before, at_once: 1 })).toEqual({ at_once: 1 });
});
