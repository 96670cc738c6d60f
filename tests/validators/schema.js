// Holds JSON Feeds against jsonfeed-schema with ajv: node schema.js FILE…; one line a complaint, "name<TAB>what".
const fs = require("fs");
const path = require("path");
const Ajv = require("ajv").default;
const formats = require("ajv-formats").default;

const ajv = new Ajv({ allErrors: true, strict: false });
formats(ajv);
const check = ajv.compile(require("jsonfeed-schema/schema-v1.1.json"));
for (const file of process.argv.slice(2)) {
  if (!check(JSON.parse(fs.readFileSync(file, "utf8")))) {
    for (const error of check.errors) {
      console.log(`${path.basename(file)}\t${error.instancePath} ${error.message}`);
    }
  }
}
