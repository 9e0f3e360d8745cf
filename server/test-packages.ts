/** Servers that tests talk to, from Debian. `npm test` installs them where it may; where it may not it says what to run, and their tests are skipped. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const packages: Readonly<Record<string, readonly string[]>> = {
  "chromium": ["/usr/bin/chromium"], "fonts-noto-cjk": ["/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"],
  "mariadb-server": ["/usr/sbin/mariadbd"], "rabbitmq-server": ["/usr/lib/rabbitmq/bin/rabbitmq-server", "/usr/sbin/rabbitmq-server"], "nats-server": ["/usr/bin/nats-server", "/usr/sbin/nats-server"], "openssh-server": ["/usr/sbin/sshd"],
};
const patienceMs = 240_000;

const missing = (): string[] => Object.entries(packages).filter(([, places]) => !places.some((place) => existsSync(place))).map(([name]) => name);

export function installTestPackages(print: (text: string) => void): void {
  const wanted = missing();
  if (wanted.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${wanted.join(" ")}`;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    print(`installing ${wanted.join(", ")} from Debian, for the tests that talk to them …`);
    // At runlevel 1 nothing is started: each test starts a private server of its own.
    const apt = (...words: string[]): boolean => spawnSync("apt-get", words, { stdio: "ignore", timeout: patienceMs, env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" } }).status === 0;
    const install = (): boolean => apt("install", "-y", "--no-install-recommends", ...wanted);
    if (install() || (apt("update") && install())) return;
  }
  const left = missing();
  if (left.length > 0) print(`tests that talk to ${left.join(", ")} are skipped; to run them too: sudo ${command}`);
}
