// env-sample: every variable with its default, each line ready to be uncommented.
import { stringify } from "yaml";
import { fileVariable } from "../environment.ts";
import { expected } from "../read.ts";
import { settings } from "../settings.ts";
import type { Named } from "../shape.ts";
import { mayStandInFile, namedSettings, shapeOf, variableOf } from "../shape.ts";
import { defaultOf } from "./json-schema.ts";

const opening = `# Every variable of Heliograph with its default. Generated from libs/config by \`npm run docs:configuration\`; do not edit.
#
# Copy what you want to change to .env, which is read in development, or set it in the environment, which always wins.
# Variables go over the configuration file. An empty one counts as not set.

# The configuration file, in YAML. heliograph.yaml in the working directory is read without being named.
#${fileVariable}=
`;

export function envSample(): string {
  const blocks = [...namedSettings(shapeOf(settings))].map(([path, setting]) => blockOf(path, setting));
  return [opening, ...blocks].join("\n");
}

function blockOf(path: string, setting: Named): string {
  const name = variableOf(path);
  const lines = [...wrapped(setting.description), ...wrapped(`Write ${howToWrite(setting)}.`)];
  const [example] = setting.examples;
  if (example !== undefined) lines.push(`# Example: ${exampleOf(name, setting, example)}`);
  lines.push(`#${name}=${initialOf(setting)}`);
  if (mayStandInFile(setting)) {
    lines.push("# Or the path of a file that holds the same text:", `#${name}_FILE=`);
  }
  return `${lines.join("\n")}\n`;
}

/** A list of texts as it is written here; one of mappings is empty by default. */
function initialOf(setting: Named): string {
  if (setting.kind === "leaf") return String(defaultOf(setting) ?? "");
  if (setting.kind === "dictionary" || setting.item.kind !== "leaf") return "";
  return (setting.initial ?? []).join(",");
}

/** A list stands in one variable. */
export function howToWrite(setting: Named): string {
  if (setting.kind === "leaf") return expected(setting);
  return setting.item.kind === "leaf" ? `${expected(setting)}, with commas between` : `${expected(setting)}, in YAML`;
}

function exampleOf(name: string, setting: Named, example: unknown): string {
  const inFile = setting.kind === "leaf" && typeof example === "object" && example !== null && "file" in example;
  return inFile ? `${name}_FILE=${example.file}` : `${name}=${written(setting, example)}`;
}

function written(setting: Named, example: unknown): string {
  if (setting.kind === "leaf") return String(example);
  if (setting.item.kind === "leaf" && Array.isArray(example)) return example.join(",");
  return `'${stringify(example, { collectionStyle: "flow", lineWidth: 0 }).trimEnd()}'`;
}

function wrapped(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line.length + word.length > 116) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.map((line) => `# ${line}`);
}
