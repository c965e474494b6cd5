import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Django serves the pages and reads the manifest: there is no index.html.
export default defineConfig({
  plugins: [react()],
  base: "/static/studio/",
  resolve: { alias: { "~": here("./src") } },
  build: {
    outDir: here("../../../static/studio"),
    emptyOutDir: true,
    manifest: "manifest.json",
    // A data: font or image would be refused by the Content-Security-Policy.
    assetsInlineLimit: 0,
    rolldownOptions: { input: { studio: here("./src/main.tsx"), login: here("./src/login.tsx") } },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
