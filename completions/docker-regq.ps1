# Completion of docker-regq for PowerShell. The program is asked; nothing of its commands stands here.
# Made by `docker-regq completion powershell`.

Register-ArgumentCompleter -Native -CommandName 'docker-regq', 'regq', 'kubectl-regq' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $program = $commandAst.CommandElements[0].ToString()
    $words = @()
    foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -lt $cursorPosition) {
            $words += $element.ToString().Trim("'", '"')
        }
    }
    $current = $wordToComplete.TrimStart("'", '"')
    # Before 7.3 an empty word is lost on its way to a program.
    if ($current -eq '' -and $PSVersionTable.PSVersion -lt [version]'7.3') { $current = '""' }
    $lines = @(& $program __complete @words $current 2>$null)
    if ($lines.Count -eq 0 -or $lines[-1] -notmatch '^:(\d+)$') { return }
    $directive = [int]$Matches[1]
    $flag = ''
    if ($wordToComplete -match '^(-[^=]*=)') { $flag = $Matches[1] }
    # Without a candidate PowerShell offers files; where there are none to offer, an empty one keeps it from that.
    if ($lines.Count -eq 1) {
        if ($directive -band 4) { '' }
        return
    }
    if ($directive -band 8) { return }
    foreach ($line in $lines[0..($lines.Count - 2)]) {
        $value, $about = $line -split "`t", 2
        if (-not $about) { $about = $value }
        $text = $flag + $value
        if ($text -match '[\s''"`(){};,|&<>@#$]') { $text = "'" + ($text -replace "'", "''") + "'" }
        if (-not ($directive -band 2)) { $text += ' ' }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $about)
    }
}
