#!/bin/sh
# A nightly run as cron starts it: no terminal, no environment but what stands here, silent when nothing changed.
#
#   30 2 * * *  /srv/leads/nightly.sh
#
# cron mails whatever is printed, so the morning's mail is the report of what happened.
# Exit 6 (another run holds the workspace) and 75 (try later) are no alarms: the next night goes on.
set -eu

cd "$(dirname "$0")"
. ./leadops.env   # TELECRM_ENTERPRISE_ID and TELECRM_SYNC_TOKEN (chmod 600), and PATH where leadops is not on it
export TELECRM_ENTERPRISE_ID TELECRM_SYNC_TOKEN

leadops check -q nightly.lead

code=0
leadops run -q --yes --no-input --lock-timeout 10m --max-leads 200 nightly.lead || code=$?
case $code in
  6 | 75) exit 0 ;;
  *) exit "$code" ;;
esac
