# Completion of docker-regq for fish. The program is asked; nothing of its commands stands here.
# Made by `docker-regq completion fish`.

function __docker_regq_complete
    set -l words (commandline -opc)
    set -l raw (commandline -ct)
    set -l current (string unescape -- "$raw")
    # A word whose quote is open cannot be unescaped; the program takes it as it is.
    test (count $current) -eq 0; and set current "$raw"
    set -l program $words[1]
    set -e words[1]
    type -q $program
    or return
    set -l lines ($program __complete $words "$current" 2>/dev/null)
    or return
    set -l directive (string replace -r '^:' '' -- $lines[-1])
    string match -qr '^[0-9]+$' -- "$directive"
    or return
    set -e lines[-1]

    if test (math "floor($directive / 16) % 2") -eq 1
        __fish_complete_directories "$current" ''
        return
    end
    if test (math "floor($directive / 8) % 2") -eq 1
        __fish_complete_path "$current"
        return
    end
    if test (count $lines) -eq 0
        if test (math "floor($directive / 4) % 2") -eq 0
            __fish_complete_path "$current"
        end
        return
    end
    # A blank is put behind a single candidate that does not end so; a second one prevents that.
    if test (math "floor($directive / 2) % 2") -eq 1; and test (count $lines) -eq 1
        set -l value (string split -m 1 \t -- $lines[1])[1]
        string match -qr '[=@:/.,-]$' -- $value
        or set -a lines "$value."
    end
    set -l flag (string match -r -- '^-[^=]*=' "$current")
    for line in $lines
        echo -- "$flag$line"
    end
end

for program in docker-regq regq kubectl-regq
    complete -c $program -e
    complete -c $program -f -k -a '(__docker_regq_complete)'
end
