/** How a sender without a library signs a delivery: Standard Webhooks, by curl and openssl. */

/** A text as a shell takes it literally. */
export const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** A script for any POSIX shell that signs `body` with the secret and delivers it. */
export function recipe(address: string, secret: string, body: string): string {
  return [
    `secret=${quoted(secret)}`,
    `body=${quoted(body)}`,
    `id="msg_$(openssl rand -hex 12)"`,
    `at=$(date +%s)`,
    `key=$(printf %s "\${secret#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')`,
    `signature=$(printf '%s.%s.%s' "$id" "$at" "$body" \\`,
    `  | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)`,
    `curl -sS ${quoted(address)} \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -H "webhook-id: $id" -H "webhook-timestamp: $at" \\`,
    `  -H "webhook-signature: v1,$signature" \\`,
    `  --data-binary "$body"`,
  ].join("\n");
}
