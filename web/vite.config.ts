/** The web app's build. No script or style is inline: the server's content policy allows none. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = "http://127.0.0.1:4380";

// The build tool takes its configuration as the default export only.
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { port: 4381, host: "127.0.0.1", proxy: { "/api": server, "/health": server } },
});
