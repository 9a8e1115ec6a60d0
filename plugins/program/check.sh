#!/bin/sh
# The least that a program for imprimaturd(8) can be: POSIX sh, nothing else.
# It reports mails that have a certain text in them; see imprimatur-program(7).
#
#     check.sh TEXT
#
# It does not parse JSON: each question is one line, its id stands in front, and
# TEXT is looked for in the line as it is, so give letters and digits only.
set -eu
wanted=${1:?which text is to be looked for?}

while IFS= read -r line; do
    case $line in
    '{"imprimatur":'*)
        echo '{"imprimatur":1,"hello":"check.sh","can":["check"]}'
        ;;
    '{"check":'*)
        id=${line#'{"check":'}
        id=${id%%,*}
        case $line in
        *"$wanted"*)
            echo "{\"check\":$id,\"findings\":[{\"name\":\"has-text\"," \
                "\"weight\":\"caution\",\"value\":\"$wanted\"}]}"
            ;;
        *)
            echo "{\"check\":$id,\"findings\":[]}"
            ;;
        esac
        ;;
    esac
done
