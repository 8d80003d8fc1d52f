#!/bin/sh
# Installs weir-agent as a systemd service: install.sh [--gateway HOST:PORT] [--token @FILE] [OPTION OF 'weir-agent service install'...]
# Copies the program to /usr/bin/weir-agent, then shows every change of the service and makes it. Asks nothing where --yes is among the options or where
# standard input is not a terminal; run it again to update. Exit code: 0 the service runs; else that of the step that failed.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
program=${WEIR_PROGRAM:-/usr/bin/weir-agent}
if [ "$(id -u)" != 0 ] && [ -z "${WEIR_PROGRAM:-}" ]; then
  echo "install.sh: run it as root" >&2
  exit 1
fi

yes=
[ -t 0 ] || yes=--yes
echo "Copies $here/weir-agent to $program"
mkdir -p "$(dirname "$program")"
# Beside it and renamed: an agent that runs keeps its file.
cp "$here/weir-agent" "$program.new"
chmod 755 "$program.new"
mv "$program.new" "$program"
"$program" service install $yes "$@"
"$program" service stop >/dev/null 2>&1 || true
"$program" service start
"$program" service status
