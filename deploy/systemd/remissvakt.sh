#!/bin/sh
# /usr/local/bin/remissvakt: a command with the environment of the service, as `sudo -u remissvakt remissvakt …`.
# Without the environment it would look into another database; who may not read it is refused here.
set -eu
set -a
. /etc/remissvakt/environment
exec /opt/remissvakt/bin/remissvakt "$@"
