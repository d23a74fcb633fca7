#!/bin/sh
# A nightly run as cron starts it: no terminal, no environment but what stands here, silent when nothing changed.
#
#   30 2 * * *  /srv/leads/nightly.sh
#
# cron mails whatever is printed, so the morning's mail is the report of what happened.
# Exit 6 (another run holds the workspace) and 75 (try later) are no alarms: the next night goes on.
set -eu

cd "$(dirname "$0")"
set -a   # what leadops.env sets is for leadops too: the account (chmod 600), addresses of messages, PATH
. ./leadops.env
set +a

leadops check -q nightly.lead

code=0
leadops run -q --yes --no-input --lock-timeout 10m --max-leads 200 nightly.lead || code=$?
case $code in
  6 | 75) exit 0 ;;
  *) exit "$code" ;;
esac
