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


def installed(name, pins, install):
    """The folder of that name under target/ci, made by `install` where it is missing or was made from other pins."""
    home = FOLDER / name
    wanted = "".join((HERE / pin).read_text() for pin in pins)
    done = home / "done"
    if not done.exists() or done.read_text() != wanted:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        install(home)
        done.write_text(wanted)
    return home


def python():
    """A Python with what the checks import, in an environment of its own."""
    def install(home):
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        pip = [home / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--requirement", HERE / "requirements.txt"], check=True)
    return installed("venv", ["requirements.txt"], install) / "bin/python"


def inside(arguments):
    """Starts this program anew in that environment, where it does not run in it already."""
    if sys.prefix == sys.base_prefix:
        own = str(python())
        os.execv(own, [own, *arguments])


def node_modules():
    def install(home):
        for pin in ("package.json", "package-lock.json"):
            shutil.copy(HERE / pin, home)
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund", "--prefix", home], check=True)
    return installed("npm", ["package.json", "package-lock.json"], install) / "node_modules"


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
        # The policy of a page with copies of pictures allows those of its own site, and a file has no site.
        guess |= bool(re.search(r"Security Policy .*: image “(\.\./)*pictures/[0-9a-f]+\.jpg” blocked by “img-src”", each["message"]))
        if not guess and (each["type"] == "error" or each.get("subType") in ("warning", "fatal")):
            place = f"{each.get('lastLine')}:{each.get('lastColumn')}"
            yield pathlib.Path(each["url"]).name, f"nu: {each['message']} (at {place})"
