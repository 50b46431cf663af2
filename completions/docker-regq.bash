# Completion of docker-regq for bash. The program is asked; nothing of its commands stands here.
# Made by `docker-regq completion bash`.

# Puts a backslash before each character of $1 that bash would not leave alone; gives it in REPLY.
_docker_regq_escape() {
    local text=$1 i char
    REPLY=$text
    [[ $text == *[!a-zA-Z0-9_./:=@,%+-]* ]] || return 0
    REPLY=
    for ((i = 0; i < ${#text}; i++)); do
        char=${text:i:1}
        [[ $char == [a-zA-Z0-9_./:=@,%+-] ]] || REPLY+=\\
        REPLY+=$char
    done
}

_docker_regq() {
    COMPREPLY=()
    local rest=${COMP_LINE:0:COMP_POINT} tab=$'\t' words=() word gap i

    # Bash cuts words at `=` and `:` too. What has no blank between belongs together.
    for ((i = 0; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        gap=${rest%%"$word"*}
        rest=${rest#*"$word"}
        if [[ -z $gap && i -gt 0 ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
    done
    local cur=${rest#"${rest%%[![:space:]]*}"}
    if [[ $cur == "$rest" ]]; then
        cur=${words[${#words[@]} - 1]}$cur
        unset "words[${#words[@]} - 1]"
    fi
    ((${#words[@]} > 0)) || return 0

    # The word as the program shall see it, and which quote of it is open.
    local flag= quote=
    if [[ $cur == -*=* ]]; then
        flag=${cur%%=*}=
        cur=${cur#*=}
    fi
    case $cur in
    [\'\"]*)
        quote=${cur:0:1}
        cur=${cur:1}
        if [[ $cur == *"$quote"* ]]; then
            cur=${cur//"$quote"/}
            quote=
        fi
        ;;
    *) cur=${cur//\\/} ;;
    esac
    for i in "${!words[@]}"; do
        words[i]=${words[i]//[\'\"\\]/}
    done

    local program=${words[0]/#\~/$HOME} out directive
    out=$("$program" __complete "${words[@]:1}" "$flag$cur" 2>/dev/null) || return 0
    directive=${out##*:}
    out=${out%:*}
    [[ $directive == *[!0-9]* || -z $directive ]] && return 0

    if type compopt >/dev/null 2>&1; then
        ((directive & 2)) && compopt -o nospace
        ((directive & 4)) && compopt +o default
        ((directive & 16)) && compopt -o filenames
        if ((directive & 32)) && ((BASH_VERSINFO[0] > 4 || (BASH_VERSINFO[0] == 4 && BASH_VERSINFO[1] >= 4))); then
            compopt -o nosort
        fi
    fi
    if ((directive & 16)); then
        while IFS= read -r word; do
            [[ -n $word ]] && COMPREPLY+=("$word")
        done <<<"$(compgen -d -- "$cur")"
        return 0
    fi
    # What is chosen by its ending is left to bash.
    ((directive & 8)) && return 0

    # Where no quote is open, what is replaced begins behind the last `=` or `:`.
    local cut=0 char before
    if [[ -z $quote ]]; then
        for char in = :; do
            if [[ $COMP_WORDBREAKS == *"$char"* && $cur == *"$char"* ]]; then
                before=${cur%"$char"*}$char
                ((${#before} > cut)) && cut=${#before}
            fi
        done
    fi

    local values=() abouts=() about longest=0 room
    while IFS= read -r word; do
        [[ -n $word ]] || continue
        about=
        [[ $word == *"$tab"* ]] && about=${word#*"$tab"}
        word=${word%%"$tab"*}
        word=${word:cut}
        if [[ -z $quote ]]; then
            _docker_regq_escape "$word"
            word=$REPLY
        fi
        values+=("$word")
        abouts+=("$about")
        ((${#word} > longest)) && longest=${#word}
    done <<<"$out"

    # One is put into the line; several are shown, with what they are.
    if ((${#values[@]} < 2)) || [[ $COMP_TYPE == 37 || $COMP_TYPE == 42 ]]; then
        COMPREPLY=("${values[@]}")
        return 0
    fi
    room=$((${COLUMNS:-80} - longest - 4))
    for i in "${!values[@]}"; do
        word=${values[i]} about=${abouts[i]}
        if [[ -n $about ]] && ((room > 8)); then
            ((${#about} > room)) && about=${about:0:room-1}…
            printf -v word "%-${longest}s  (%s)" "$word" "$about"
        fi
        COMPREPLY+=("$word")
    done
}

complete -o default -F _docker_regq docker-regq regq kubectl-regq
