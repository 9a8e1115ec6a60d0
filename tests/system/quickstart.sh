#!/bin/bash
# quickstart.sh WORKFOLDER: the two commands, as somebody new would use them: a
# fresh clone, contrib/quickstart --background, a plain SMTP client, notices
# read from the Maildir, replies by SMTP.  One line per check.
#
# The quickstart has fixed ports: if they are taken this is skipped, loudly.
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
work=${1:?usage: quickstart.sh WORKFOLDER}
clone=$work/quickstart-clone

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

for port in 2525 8025; do
    if taken "$port"; then
        echo "SKIPPED, NOT TESTED: port $port is in use; does a quickstart run?"
        exit 0
    fi
done

# Committed and working files, without what was built.
fresh_clone() {
    rm -rf "$clone"
    git clone --quiet --no-hardlinks "$top" "$clone" || return
    (cd "$top" && git ls-files -z --cached --others --exclude-standard |
        while IFS= read -r -d '' f; do [ -e "$f" ] && printf '%s\0' "$f"; done |
        tar --null -T - -cf -) | tar -xf - -C "$clone" || return
    (cd "$top" && git ls-files -z --deleted) |
        (cd "$clone" && xargs -0 -r rm -f)
}

if ! fresh_clone; then
    echo "not ok: git clone"
    exit 1
fi
start=$SECONDS
if ! timeout 600 "$clone/contrib/quickstart" --background; then
    tail -n 20 "$clone/quickstart/build.log" "$clone/quickstart/daemon.log"
    echo "not ok: contrib/quickstart --background"
    exit 1
fi
echo "ok: contrib/quickstart --background ($((SECONDS - start)) s)"
python3 "$top/tests/system/quickstart.py" "$clone"
rc=$?
if "$clone/contrib/quickstart" stop && ! taken 2525; then
    echo "ok: contrib/quickstart stop"
else
    echo "not ok: contrib/quickstart stop"
    rc=1
fi
[ "$rc" = 0 ] && rm -rf "$clone"
exit "$rc"
