#!/usr/bin/env bash
# The main job on the embedded sandbox: the preview, the run, the report. Run again, it finds everything already so.
set -euo pipefail
cd "$(dirname "$0")/.."
leadops=${1:-leadops}
case $leadops in /*) ;; */*) leadops=$PWD/$leadops ;; esac
export LEADOPS_STATE=$PWD/.demo/state

# After 25 days the demo begins anew, so that there is something to change again.
now=$(date +%s)
seeded=$(cat .demo/seeded 2>/dev/null || true)
if [ "$((now - ${seeded:-0}))" -gt 2160000 ]; then
  rm -rf .demo
  mkdir .demo
  echo "$now" > .demo/seeded
fi

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

say "1. The playbook: playbooks/won-in-april.lead"
cat playbooks/won-in-april.lead

say "2. The preview (leadops plan): what would change, lead by lead. Nothing is written."
"$leadops" plan --sandbox --pii show playbooks/won-in-april.lead

say "3. The run (leadops run): the same changes, made once, each with its outcome."
"$leadops" run --sandbox --yes --pii show playbooks/won-in-april.lead

say "4. The report of the run:"
"$leadops" report --sandbox --path
printf '%s\n' "   Open the .html file in a browser: it is one self-contained page." \
  "   All of this ran on the embedded sandbox: no account, no network. Run \`make demo\` again: nothing is sent twice."
