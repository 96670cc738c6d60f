"""Programs that others wrote, installed where they are missing: Java's Nu checker (jing comes with it), Node's ajv."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
FOLDER = HERE.parent.parent / "target" / "ci"
NPM = ["ajv@8", "ajv-formats@3", "jsonfeed-schema@0.5", "rss-parser@3", "vnu-jar"]
PIP = ["html5lib==1.1", "feedparser>=6", "reader>=3", "sgmllib3k"]


def python():
    """A Python with what the checks import, in an environment of its own."""
    home = FOLDER / "venv"
    if not (home / "done").exists():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([home / "bin/pip", "install", "--quiet", "--disable-pip-version-check", *PIP], check=True)
        (home / "done").touch()
    return home / "bin/python"


def inside(arguments):
    """Starts this program anew in that environment, where it does not run in it already."""
    if sys.prefix == sys.base_prefix:
        own = str(python())
        os.execv(own, [own, *arguments])


def node_modules():
    home = FOLDER / "npm"
    if not (home / "done").exists():
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix", home, *NPM], check=True)
        (home / "done").touch()
    return home / "node_modules"


def jar():
    return node_modules() / "vnu-jar/build/dist/vnu.jar"


def jing(folder):
    """RFC 4287's schema. Yields (file name, complaint)."""
    files = sorted(folder.iterdir())
    main = "nu.validator.vendor.thaiopensource.relaxng.util.Driver"
    for some in range(0, len(files), 500):
        done = subprocess.run(["java", "-cp", jar(), main, "-c", HERE / "atom.rnc", *files[some:some + 500]],
                              capture_output=True, text=True, timeout=300)
        for line in (done.stdout + done.stderr).splitlines():
            found = re.match(r"(.*?):(\d+:\d+: .*)", line)
            if found:
                yield pathlib.Path(found[1]).name, f"jing: {found[2]}"
        if done.returncode not in (0, 1):
            raise RuntimeError(f"jing: {done.stderr}")


def ajv(folder):
    """JSON Feed's schema."""
    done = subprocess.run(["node", HERE / "schema.js", *sorted(folder.iterdir())], capture_output=True, text=True,
                          timeout=300, env={**os.environ, "NODE_PATH": str(node_modules())})
    if done.returncode != 0:
        raise RuntimeError(f"ajv: {done.stderr}")
    for line in done.stdout.splitlines():
        name, _, what = line.partition("\t")
        yield name, f"ajv: {what}"


def nu(folder):
    """The Nu HTML checker: errors and warnings."""
    done = subprocess.run(["java", "-jar", jar(), "--format", "json", "--skip-non-html", folder], capture_output=True,
                          text=True, timeout=600)
    messages = json.loads(done.stderr)["messages"]
    for each in messages:
        # What it takes a text's language for is a guess, and wrong for names and short texts.
        guess = "appears to be written in" in each["message"]
        if not guess and (each["type"] == "error" or each.get("subType") in ("warning", "fatal")):
            place = f"{each.get('lastLine')}:{each.get('lastColumn')}"
            yield pathlib.Path(each["url"]).name, f"nu: {each['message']} (at {place})"
