use super::*;

fn read(line: &str) -> Result<Invocation, Misread> {
    Invocation::read(line.split(' ').map(OsString::from).collect())
}

/// What a line is read as: how it is spelled, its globals, its words.
fn shown(line: &str) -> String {
    let read = read(line).unwrap();
    let words: Vec<&str> = read.words.iter().filter_map(|word| word.to_str()).collect();
    let config = read.globals.config.map(|dir| dir.display().to_string());
    let globals = [
        config.map(|dir| format!("config={dir}")),
        read.globals.debug.then(|| "debug".to_owned()),
    ];
    let globals: Vec<String> = globals.into_iter().flatten().collect();
    format!(
        "{} [{}] {}",
        read.spelled.name(),
        globals.join(" "),
        words.join(" ")
    )
}

/// The rows of what Docker hands down (docker/cli 28.2.2, observed).
#[test]
fn whatever_docker_hands_down_is_the_same_command() {
    for (line, expected) in [
        ("p regq", "docker regq [] --help"),
        ("p regq run x.yaml", "docker regq [] run x.yaml"),
        (
            "p -D --context default regq run x -D",
            "docker regq [debug] run x -D",
        ),
        (
            "p --config DIR -l debug -H tcp://h:1 --tls regq run --config foo",
            "docker regq [config=DIR] run --config foo",
        ),
        (
            "p -l debug regq get tags x -l a=b",
            "docker regq [] get tags x -l a=b",
        ),
        (
            "p -cdefault --debug=true regq",
            "docker regq [debug] --help",
        ),
        ("p -Dldebug regq run", "docker regq [debug] run"),
        ("p -Dl debug regq run", "docker regq [debug] run"),
        ("p -Dc=default regq run", "docker regq [debug] run"),
        ("p --context regq regq run", "docker regq [] run"),
        ("p -c regq regq run", "docker regq [] run"),
        ("p --context=regq regq run", "docker regq [] run"),
        ("p -- regq run", "docker regq [] run"),
        ("p -D -- regq", "docker regq [debug] --help"),
        ("p help regq", "docker regq [] --help"),
        ("p help regq run", "docker regq [] run --help"),
        ("p --help regq", "docker regq [] --help"),
        ("p -h regq", "docker regq [] --help"),
        ("p regq --help", "docker regq [] --help"),
        ("p regq -h", "docker regq [] --help"),
        ("p regq help run", "docker regq [] run --help"),
        ("p regq run --help", "docker regq [] run --help"),
        ("p -v regq", "docker regq [] version"),
        ("p --version regq", "docker regq [] version"),
        ("p regq --version", "docker regq [] version"),
        ("p regq -v", "docker regq [] version"),
    ] {
        assert_eq!(shown(line), expected, "{line}");
    }
}

#[test]
fn started_by_its_own_name_or_by_kubectl_it_takes_the_same_words() {
    for (line, expected) in [
        ("docker-regq", "docker-regq [] --help"),
        ("/usr/bin/docker-regq run x", "docker-regq [] run x"),
        ("docker-regq help run", "docker-regq [] run --help"),
        ("docker-regq -D run x", "docker-regq [debug] run x"),
        ("docker-regq -v", "docker-regq [] version"),
        ("kubectl-regq run x", "kubectl regq [] run x"),
        ("/opt/kubectl-regq", "kubectl regq [] --help"),
        (
            "kubectl-regq.exe --config d run",
            "kubectl regq [config=d] run",
        ),
        ("kubectl-regq regq", "kubectl regq [] regq"),
    ] {
        assert_eq!(shown(line), expected, "{line}");
    }
}

#[test]
fn flags_are_read_as_docker_reads_them() {
    for (line, expected) in [
        ("p --debug=false regq run", "docker regq [] run"),
        ("p -D=0 regq run", "docker regq [] run"),
        ("p --config= regq run", "docker regq [] run"),
        (
            "p --config a --config b regq run",
            "docker regq [config=b] run",
        ),
        ("p regq --config a run", "docker regq [config=a] run"),
        ("p regq -D run -v", "docker regq [debug] run -v"),
        (
            "p regq run -c x --context y",
            "docker regq [] run -c x --context y",
        ),
        ("p --host -D regq run", "docker regq [] run"),
        ("p - regq", "docker-regq [] - regq"),
    ] {
        assert_eq!(shown(line), expected, "{line}");
    }
}

#[test]
fn what_docker_does_not_have_is_refused() {
    for (line, message) in [
        (
            "p --nonsense regq",
            "unknown flag `--nonsense` before the command",
        ),
        ("p -Dx regq", "unknown flag `-x` before the command"),
        (
            "p --confi d regq",
            "unknown flag `--confi` before the command",
        ),
        ("p -D= regq", "unknown flag `-=` before the command"),
        ("p ---D regq", "unknown flag `---D` before the command"),
        ("p --debug=maybe regq", "`--debug` takes `true` or `false`"),
        ("p --tls=x regq", "`--tls` takes `true` or `false`"),
        ("p --config", "`--config` needs a value"),
        ("p -Dl", "`-l` needs a value"),
    ] {
        let misread = read(line).unwrap_err();
        assert_eq!(misread.error.to_string(), message, "{line}");
    }
    assert_eq!(read("p regq -x").unwrap_err().spelled.name(), "docker regq");
}

#[test]
fn k2_a_secret_before_the_command_is_not_repeated() {
    for line in ["p --password=hunter2 regq", "p -uhunter2 run"] {
        let message = read(line).unwrap_err().error.to_string();
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn o6_the_metadata_is_what_docker_accepts() {
    let asked = ["p", "docker-cli-plugin-metadata"].map(OsString::from);
    let lines = metadata(&asked).unwrap();
    let expected = format!(
        "{{\n  \"SchemaVersion\": \"0.1.0\",\n  \"Vendor\": \"docker-regq\",\n  \"Version\": \"{VERSION}\",\n  \"ShortDescription\": \"{DESCRIPTION}\"\n}}\n"
    );
    assert_eq!(lines, expected);
    for line in ["p", "p regq docker-cli-plugin-metadata", "p run"] {
        let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        assert_eq!(metadata(&args), None, "{line}");
    }
}

#[test]
fn the_socket_may_be_abstract() {
    let socket = |address: &'static str| stop_socket(|_| Some(address.into()));
    assert_eq!(
        socket("@docker_cli_0"),
        Some(PathBuf::from("\0docker_cli_0"))
    );
    assert_eq!(socket("/tmp/s"), Some(PathBuf::from("/tmp/s")));
    assert_eq!(socket(""), None);
}
