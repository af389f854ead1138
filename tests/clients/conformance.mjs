import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { required } from "../program.mjs";

/** The Socket.IO server's own example, which sends back whatever it is sent. */
export async function startConformance() {
  const example = spawn(required("SUPERBOT_CONFORMANCE_BIN"), { env: { ...process.env, PORT: "0" } });
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: example.stdout }).once("line", (line) => resolve(`http://${line.split(" ").at(-1)}`));
    example.once("exit", (code) => reject(new Error(`the example ended with ${code}`)));
  });
  return { process: example, url };
}
