import { Problem } from "~/api/client";

/** What the server said of single fields of the config: `config.host` → `host`. */
export function saidOfFields(error: Error | null): Record<string, string> {
  if (!(error instanceof Problem)) return {};
  return Object.fromEntries(
    error.errors.map(({ field, message }) => [field.replace(/^config\./, ""), message]),
  );
}
