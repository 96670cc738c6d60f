#!/usr/bin/env bash
# What people install: the package is built, installed, run and purged; units and server configurations are valid.
# usage: shipping.sh            (from the project; needs root, a release build, and installs nginx, caddy and cargo-deb)
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "$(id -u)" != 0 ] || ! command -v dpkg > /dev/null; then
  echo "skipped: installing a package needs root on a Debian system"
  exit 0
fi
work=$(mktemp -d)
trap 'dpkg -P feedloom > /dev/null 2>&1 || true; rm -rf "$work"' EXIT
passed=0
ok() { passed=$((passed + 1)); echo "  ok: $*"; }
command -v nginx > /dev/null && command -v caddy > /dev/null && command -v adduser > /dev/null || .ci/install nginx-light caddy adduser
command -v systemd-analyze > /dev/null || .ci/install systemd

cargo deb --version > /dev/null 2>&1 || cargo install --quiet --locked --root target/tools cargo-deb
PATH=$PWD/target/tools/bin:$PATH cargo deb --no-build --no-strip --output "$work/feedloom.deb" > "$work/deb" 2>&1 || { cat "$work/deb"; exit 1; }
dpkg -i "$work/feedloom.deb" > "$work/dpkg" 2>&1 || { cat "$work/dpkg"; exit 1; }
ok "the package installs"
getent passwd feedloom > /dev/null && [ "$(stat -c %U /var/lib/feedloom)" = feedloom ]
ok "it has a user of its own, who owns its data"
feedloom --config /etc/feedloom/feeds.toml --quiet check
ok "the feeds.toml it brings is valid"

cat > "$work/feed.xml" << 'FEED'
<rss version="2.0"><channel><title>A</title><link>https://a.example/</link><item><title>A bridge opens in the old town</title>
<link>https://a.example/bridge</link><description>The bridge was built in two years.</description></item></channel></rss>
FEED
printf 'database = "db"\noutput_dir = "public"\n[[source]]\nid = "a"\nurl = "file:feed.xml"\n' > "$work/feeds.toml"
chown -R feedloom "$work"
su feedloom -s /bin/sh -c "feedloom --config $work/feeds.toml run"
grep -q "https://a.example/bridge" "$work/public/feed.xml"
ok "it runs as that user and publishes"

systemd-analyze verify /lib/systemd/system/feedloom{.timer,.service,-serve.service,-serve.socket}
ok "the units are valid"
printf 'events {}\nhttp { include %s; }\n' "$PWD/contrib/nginx.conf" > "$work/nginx.conf"
nginx -t -q -c "$work/nginx.conf"
ok "nginx takes contrib/nginx.conf"
caddy validate --config contrib/Caddyfile --adapter caddyfile > "$work/caddy" 2>&1 || { cat "$work/caddy"; exit 1; }
ok "Caddy takes contrib/Caddyfile"

dpkg -P feedloom > "$work/purge" 2>&1
! getent passwd feedloom > /dev/null && [ ! -e /var/lib/feedloom ] && [ ! -e /etc/feedloom/feeds.toml ]
ok "purged, it leaves nothing"
echo "$passed passed, 0 failed"
