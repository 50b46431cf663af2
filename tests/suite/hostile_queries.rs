//! Query files from strangers: too large, too deep, too dear, or looking where they may not (threats G).

use regq::limits::QUERY_FILE_BYTES;

use super::support::command::Workplace;
use super::support::golden;

/// A query over the demo with these lines under `spec`.
fn query(spec: &str) -> String {
    format!(
        "apiVersion: regq/v1\nkind: Query\nmetadata:\n  name: q\nspec:\n  registry: oci:demo\n{spec}\n"
    )
}

#[cfg(unix)]
#[test]
fn g5_a_query_file_is_a_file_with_an_end() {
    let place = Workplace::new().file("folder.yaml/x", "");
    super::support::layout::make_pipe(&place.path("pipe.yaml"));
    std::os::unix::fs::symlink("/dev/zero", place.path("zero.yaml")).unwrap();
    std::os::unix::fs::symlink("loop.yaml", place.path("loop.yaml")).unwrap();
    for (path, words) in [
        ("folder.yaml", "`folder.yaml` is a folder, not a file"),
        ("pipe.yaml", "`pipe.yaml` is a pipe, not a file"),
        ("zero.yaml", "`zero.yaml` is a device, not a file"),
        ("/dev/zero", "`/dev/zero` is a device, not a file"),
        ("loop.yaml", "cannot open `loop.yaml`"),
        ("none.yaml", "cannot open `none.yaml`"),
    ] {
        for command in ["run", "plan", "validate"] {
            let ended = place.run([command, path]);
            ended.exits(2).prints("").says(words);
        }
    }
    let endless = std::fs::File::open("/dev/zero").unwrap();
    let ended = place.command(["run", "-"]).stdin(endless).run();
    ended
        .exits(2)
        .says("`<stdin>` is longer than 1048576 bytes");
}

#[test]
fn g5_a_query_file_of_a_mebibyte_is_run_and_one_byte_more_is_not() {
    let text = query("  tags: latest");
    let padded = |bytes: usize| {
        let comment = "#".repeat(bytes - text.len());
        format!("{text}{comment}")
    };
    let place = Workplace::with_demo();
    for (bytes, exit) in [
        (QUERY_FILE_BYTES - 1, 0),
        (QUERY_FILE_BYTES, 0),
        (QUERY_FILE_BYTES + 1, 2),
    ] {
        std::fs::write(place.path("q.yaml"), padded(bytes)).unwrap();
        place.run(["run", "q.yaml"]).exits(exit);
        place
            .command(["run", "-"])
            .input(padded(bytes))
            .run()
            .exits(exit);
    }
}

#[test]
fn g7_a_hundred_thousand_of_anything_that_opens_is_refused_at_its_place() {
    for opener in [
        "(", "[", "{", "!", "&", "@|", "@.", "a.", "a[", "a[?", "*.", "[*].", "f(", "a||", "a&&",
        "a==", "[]", "'", "\"", "`", "{a:", "-", "a,", "\\",
    ] {
        for count in [100_000, 16_000 / opener.len(), 60] {
            let lines = format!("  where: |\n    {}", opener.repeat(count));
            let place = Workplace::with_demo().file("q.yaml", query(&lines));
            let ended = place.run(["validate", "q.yaml"]).exits(2);
            ended.says(" --> q.yaml:");
        }
    }
}

#[test]
fn g4_a_hundred_thousand_of_anything_that_opens_in_yaml_is_refused_at_its_place() {
    for opener in [
        "[", "{", "- ", "? ", "&a ", "!a ", "*a ", "{a: ", "[a, ", "'", "\"", "| ", "a: ",
    ] {
        for start in ["  tags: ", "  ", ""] {
            let lines = format!("{start}{}", opener.repeat(100_000));
            let place = Workplace::with_demo().file("q.yaml", query(&lines));
            let ended = place.run(["run", "q.yaml"]).exits(2);
            ended.says(" --> q.yaml:");
        }
    }
}

#[test]
fn g8_an_expression_that_costs_too_much_ends_at_its_place() {
    let doubled = |start: &str, times: usize| format!("{start}{}", " | [@, @]".repeat(times));
    let flat = |times: usize| format!("layers{}", " | [@, @][]".repeat(times));
    for expression in [
        doubled("tag", 27),
        doubled("@", 20),
        format!("tag{}", " | {a: @, b: @}".repeat(27)),
        flat(40),
        format!("tag{}", " | join(@, [@, @, @])".repeat(40)),
        format!("tag{}", " | to_string([@, @])".repeat(60)),
        format!("sort_by({}, &to_string(@))", flat(17)),
        format!("map(&map(&[@, @], [@, @]), {})", flat(17)),
        format!("contains({0}, {0})", flat(17)),
        format!("{}[].{{a: @, b: @}}[].[a, b, a, b]", flat(15)),
        format!(
            "{} | [*].[@, @][] | reverse(@) | sort_by(@, &size)",
            flat(19)
        ),
        format!("length({})", flat(30)),
        format!("join('', map(&to_string(@), {}))", flat(22)),
    ] {
        let lines = format!("  limit: 1\n  columns:\n    OK: tag\n    BOMB: |\n      {expression}");
        let place = Workplace::with_demo().file("q.yaml", query(&lines));
        let ended = place.run(["run", "q.yaml"]);
        ended.exits(6).says(" --> q.yaml:11:");
    }
}

#[test]
fn g8_columns_that_double_one_another_end_too() {
    let columns = (1..40).map(|at| format!("    C{at}: '[C{}, C{}]'", at - 1, at - 1));
    let columns: Vec<String> = columns.collect();
    let lines = format!("  columns:\n    C0: tag\n{}", columns.join("\n"));
    let place = Workplace::with_demo().file("q.yaml", query(&lines));
    let ended = place.run(["run", "q.yaml"]);
    ended.exits(6).says(" --> q.yaml:");
}

#[cfg(unix)]
#[test]
fn g10_a_query_file_looks_into_folders_below_its_own() {
    let demo = super::demo::demo();
    let place = Workplace::new()
        .layout("outside", &demo)
        .layout("queries/inside/deep", &demo);
    std::os::unix::fs::symlink("../outside", place.path("queries/link")).unwrap();
    std::os::unix::fs::symlink("../..", place.path("queries/up")).unwrap();
    let absolute = place.path("outside");
    let absolute = absolute.to_str().unwrap();
    for (path, from_file) in [
        ("inside/deep", 0),
        ("./inside/./deep/", 0),
        ("../outside", 2),
        ("inside/../../outside", 2),
        ("inside/../inside/deep", 2),
        (absolute, 2),
        ("link", 6),
        ("up/place/outside", 6),
    ] {
        let text = query("").replace("oci:demo", &format!("oci:{path}"));
        let file = place.path("queries/q.yaml");
        std::fs::write(&file, text).unwrap();
        for command in [
            place.command(["run", "queries/q.yaml"]),
            place
                .command(["run", "q.yaml"])
                .within(&place.path("queries")),
            place
                .command(["run", file.to_str().unwrap()])
                .within("/".as_ref()),
            place.command(["run", "q"]),
        ] {
            let ended = command.run().exits(from_file);
            assert_eq!(ended.stdout.contains("shop/web"), from_file == 0, "{path}");
        }
        // What the user types is theirs to decide.
        let typed = format!("oci:{path}");
        let command = place.command(["run", "q.yaml", "--registry", &typed]);
        command.within(&place.path("queries")).run().exits(0);
        let command = place.command(["get", "tags", &typed]);
        command.within(&place.path("queries")).run().exits(0);
    }
}

#[test]
fn g3_no_query_file_reads_the_environment() {
    let canary = "canary-5d1f";
    for path in golden::entries("wrong") {
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.starts_with("g3-") || !name.ends_with(".yaml") {
            continue;
        }
        let place = Workplace::with_demo().file(name, std::fs::read(&path).unwrap());
        for command in ["run", "plan", "validate"] {
            let variables = [
                "CI_JOB_TOKEN",
                "GITHUB_TOKEN",
                "REGISTRY_TOKEN",
                "PARAMS",
                "user",
            ];
            let start = place.command([command, name]);
            let start = variables
                .iter()
                .fold(start, |start, name| start.env(name, canary));
            let ended = start.run().exits(2);
            assert!(!ended.stderr.contains(canary), "{name}: {}", ended.stderr);
        }
    }
}

#[test]
fn g12_nothing_runs_unless_it_is_named() {
    let planted =
        "apiVersion: regq/v1\nkind: Query\nmetadata: {name: planted}\nspec: {limt: planted}\n";
    let names = [
        "regq.yaml",
        "docker-regq.yaml",
        "query.yaml",
        "default.yaml",
        "queries/default.yaml",
        ".regq/default.yaml",
        ".regq/config.yaml",
        "regq/config.yaml",
        ".docker/config.json",
        ".regqrc",
    ];
    let place = names.iter().fold(Workplace::with_demo(), |place, name| {
        place.file(name, planted)
    });
    for args in [
        &["run", "demo"][..],
        &["run", "demo.yaml"],
        &["get", "tags", "oci:demo"],
        &["plan", "demo"],
        &["validate", "demo.yaml"],
        &["explain"],
        &["eval", "@", "doc.json"],
    ] {
        let place = Workplace::with_demo();
        let place = place.file("demo.yaml", query("")).file("doc.json", "{}");
        let alone = place.run(args);
        let place = names
            .iter()
            .fold(place, |place, name| place.file(name, planted));
        let beside = place.run(args);
        assert_eq!(beside.stdout, alone.stdout, "{args:?}");
        assert_eq!(beside.stderr, alone.stderr, "{args:?}");
    }
    place.run(["run", "default"]).exits(2).says("limt");
}

#[test]
fn g13_a_run_stops_at_so_many_requests() {
    let place = Workplace::with_demo().file("q.yaml", query("  columns: [tag, size]"));
    for (most, exit) in [("0", 2), ("1", 3), ("100", 0)] {
        place
            .run(["run", "q.yaml", "--max-requests", most])
            .exits(exit);
    }
}
