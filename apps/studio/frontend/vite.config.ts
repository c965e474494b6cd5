import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const PARTS = /node_modules\/(lucide-react|@mantine)\/|src\/(parts|format|api|live)\//;

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
    rolldownOptions: {
      input: { studio: here("./src/main.tsx"), login: here("./src/login.tsx") },
      // Else each icon and each input that a few pages share is a file of its own, and asking for fifty holds a page up.
      output: { codeSplitting: { groups: [{ name: "parts", test: PARTS, minShareCount: 3 }] } },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
