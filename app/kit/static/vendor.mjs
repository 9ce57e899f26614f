// Copies what the pages load from node_modules to static/vendor, with the licences; run by `npm run vendor`.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "..", "..", "..", "node_modules");
const target = join(here, "vendor");

const files = {
  "echarts/dist/echarts.min.js": "echarts.min.js",
  "echarts/i18n/langKO.js": "i18n/langKO.js",
  "echarts/i18n/langZH.js": "i18n/langZH.js",
  "echarts/LICENSE": "licences/echarts-LICENSE.txt",
  "echarts/NOTICE": "licences/echarts-NOTICE.txt",
  "zrender/LICENSE": "licences/zrender-LICENSE.txt",
};

rmSync(target, { recursive: true, force: true });
for (const [from, to] of Object.entries(files)) {
  mkdirSync(dirname(join(target, to)), { recursive: true });
  copyFileSync(join(modules, from), join(target, to));
}
