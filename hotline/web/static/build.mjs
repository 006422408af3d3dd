// Bundles src/*.ts, src/pages/*.ts and src/styles/main.css into dist/, with the hash of the
// contents in each name, and writes dist/manifest.json for hotline/web/assets.py.
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, context } from "esbuild";

const DIST = "dist";

async function scriptsIn(folder) {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith(".ts")).map((name) => join(folder, name));
}

function url(path) {
  return `/static/${basename(path)}`;
}

// What an entry imports statically, so that the page can ask for it all at once.
function importsOf(outputs, path, seen = new Set()) {
  for (const item of outputs[path].imports) {
    if (item.kind === "import-statement" && !item.external && !seen.has(item.path)) {
      seen.add(item.path);
      importsOf(outputs, item.path, seen);
    }
  }
  return [...seen];
}

function manifestOf(metafile) {
  const manifest = {};
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    const name = basename(output.entryPoint).replace(/\.ts$/, ".js");
    manifest[name] = { url: url(path), imports: importsOf(metafile.outputs, path).map(url) };
  }
  return manifest;
}

const writeManifest = {
  name: "manifest",
  setup({ onStart, onEnd }) {
    onStart(async () => {
      await rm(DIST, { recursive: true, force: true });
      await mkdir(DIST, { recursive: true });
    });
    onEnd(async ({ metafile, errors }) => {
      if (errors.length > 0) return;
      const text = JSON.stringify(manifestOf(metafile), null, 2);
      await writeFile(join(DIST, "manifest.json"), `${text}\n`);
    });
  },
};

const options = {
  entryPoints: [
    "src/styles/main.css",
    "src/styles/dark.css",
    ...(await scriptsIn("src")).filter((path) => basename(path) === "base.ts"),
    ...(await scriptsIn("src/pages")),
  ],
  outdir: DIST,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  sourcemap: false,
  metafile: true,
  legalComments: "linked",
  // The oldest browser on the desks.
  target: ["chrome100", "firefox100"],
  define: { global: "window" },
  logLevel: "warning",
  plugins: [writeManifest],
};

if (process.argv.includes("--watch")) {
  const watching = await context({ ...options, minify: false, sourcemap: "inline" });
  await watching.watch();
} else {
  await build(options);
}
