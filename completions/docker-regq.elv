# Completion of docker-regq for elvish. The program is asked; nothing of its commands stands here.
# Made by `docker-regq completion elvish`.

use str

var docker-regq-names = [docker-regq regq kubectl-regq]
for name $docker-regq-names {
  set edit:completion:arg-completer[$name] = {|program @words|
    var lines = []
    try {
      set lines = [((external $program) __complete $@words 2>/dev/null)]
    } catch e {
      nop
    }
    if (> (count $lines) 0) {
      var directive = (str:trim-prefix $lines[-1] ':')
      var behind = ' '
      # Those that go on end so.
      if (has-value [2 6 34 38] $directive) {
        set behind = ''
      }
      if (and (== (count $lines) 1) (has-value [0 16] $directive)) {
        edit:complete-filename $words[-1]
      } else {
        var flag = ''
        if (and (str:has-prefix $words[-1] '-') (str:contains $words[-1] '=')) {
          set flag = $words[-1][..(+ (str:index $words[-1] '=') 1)]
        }
        for line $lines[..-1] {
          var parts = [(str:split &max=2 "\t" $line)]
          var shown = $parts[0]
          if (> (count $parts) 1) {
            set shown = $parts[0]' ('$parts[1]')'
          }
          edit:complex-candidate $flag$parts[0] &display=$shown &code-suffix=$behind
        }
      }
    }
  }
}
