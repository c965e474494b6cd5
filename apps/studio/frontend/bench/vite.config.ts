import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// A page of its own for `make bench-studio`: nothing of it is in what users load.
export default defineConfig({
  plugins: [react()],
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  build: { outDir: fileURLToPath(new URL("../../../../.bench/stress", import.meta.url)), emptyOutDir: true },
});
