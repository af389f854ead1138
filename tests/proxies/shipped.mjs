// nginx, HAProxy and Caddy with what deploy/ ships for them. What differs from the shipped files is said here, and nowhere else.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeCertificate, Proxy, shipped, substituted } from "./proxy.mjs";

/** Starts nginx; `changes` are further words to be replaced. */
export function startNginx(ports, changes = []) {
  return Proxy.start(ports, async (folder) => {
    const { key, certificate } = await makeCertificate(folder);
    const accessLog = join(folder, "access.log");
    const site = substituted("nginx/superbot.conf", [
      ["listen 80;", `listen 127.0.0.1:${ports.http};`],
      ["listen [::]:80;", ""],
      ["listen 443 ssl http2;", `listen 127.0.0.1:${ports.https} ssl http2;`],
      ["listen [::]:443 ssl http2;", ""],
      ["superbot.example;", "localhost;"],
      ["/var/log/nginx/superbot.log", accessLog],
      ["/etc/ssl/superbot/fullchain.pem", certificate],
      ["/etc/ssl/superbot/privkey.pem", key],
      ["127.0.0.1:5000", `127.0.0.1:${ports.nodes[0]}`],
      ["127.0.0.1:5001", `127.0.0.1:${ports.nodes[1]}`],
      ...changes,
    ]);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const main = [
      "daemon off;",
      // Started as root it would run as somebody who cannot write to the folder.
      process.getuid() === 0 ? "user root;" : "",
      // More than one, so that what they must share is shared.
      "worker_processes 2;",
      `pid ${folder}/nginx.pid;`,
      "error_log stderr;",
      "events { worker_connections 1024; }",
      "http {",
      "access_log off;",
      ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
      `include ${folder}/superbot.conf;`,
      "}",
    ];
    await writeFile(join(folder, "superbot.conf"), site);
    await writeFile(join(folder, "nginx.conf"), main.join("\n"));
    const args = ["-p", folder, "-e", "stderr", "-c", "nginx.conf"];
    return { program: "/usr/sbin/nginx", args, trusted: certificate, accessLog };
  });
}

/** Starts HAProxy. */
export function startHaproxy(ports) {
  return Proxy.start(ports, async (folder) => {
    const { key, certificate } = await makeCertificate(folder);
    const bundle = join(folder, "superbot.pem");
    await writeFile(bundle, (await readFile(certificate, "utf8")) + (await readFile(key, "utf8")));
    const settings = substituted("haproxy/haproxy.cfg", [
      ["    log /dev/log local0\n", "    log stderr format raw local0\n"],
      ["    user haproxy\n    group haproxy\n", ""],
      ["bind :::80 v4v6", `bind 127.0.0.1:${ports.http}`],
      ["bind :::443 v4v6", `bind 127.0.0.1:${ports.https}`],
      ["/etc/haproxy/certs/superbot.pem", bundle],
      ["127.0.0.1:5000", `127.0.0.1:${ports.nodes[0]}`],
      ["127.0.0.1:5001", `127.0.0.1:${ports.nodes[1]}`],
    ]);
    await writeFile(join(folder, "haproxy.cfg"), settings);
    return { program: "/usr/sbin/haproxy", args: ["-db", "-f", "haproxy.cfg"], trusted: certificate };
  });
}

/** Starts Caddy, with the shipped file as it is; the certificate is one of Caddy's own. */
export function startCaddy(ports) {
  return Proxy.start(ports, async (folder) => {
    const options = ["admin off", "skip_install_trust", `http_port ${ports.http}`, `https_port ${ports.https}`];
    await writeFile(join(folder, "Caddyfile"), `{\n${options.join("\n")}\n}\nimport ${shipped("caddy/Caddyfile")}\n`);
    const data = join(folder, "data");
    await mkdir(data);
    const env = {
      HOME: folder,
      XDG_DATA_HOME: data,
      XDG_CONFIG_HOME: data,
      SUPERBOT_SITE: "localhost",
      SUPERBOT_NODES: ports.nodes.map((port) => `127.0.0.1:${port}`).join(" "),
    };
    const trusted = join(data, "caddy/pki/authorities/local/root.crt");
    return { program: "/usr/bin/caddy", args: ["run", "--config", "Caddyfile", "--adapter", "caddyfile"], env, trusted };
  });
}
