//! Where saved queries are found: from wherever the user stands, nearest first, and what stands in the way of what.

use std::fs;

use super::support::command::Workplace;

/// A query that says where it is.
fn query(what: &str) -> String {
    format!(
        "apiVersion: regq/v1\nkind: Query\nmetadata: {{name: q, description: {what}}}\n\
         spec: {{registry: 'oci:x', resource: repositories, tags: '{what}'}}\n"
    )
}

/// What `list` says of the names that are not built in, from a folder: name, description, note.
fn listed(place: &Workplace, folder: &str) -> Vec<[String; 3]> {
    let command = place
        .command(["list", "-o", "json"])
        .within(&place.path(folder));
    let listed = command.run().exits(0).quietly().stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let rows = listed["items"].as_array().unwrap().iter();
    let own = rows.filter(|row| row["FROM"] != "built in");
    let root = place.path("").to_string_lossy().into_owned();
    let cells = |row: &serde_json::Value| {
        ["NAME", "DESCRIPTION", "NOTE"].map(|name| row[name].as_str().unwrap().replace(&root, "/"))
    };
    own.map(cells).collect()
}

/// The description of the query that a name leads to.
fn meant(place: &Workplace, folder: &str, name: &str) -> String {
    let command = place
        .command(["run", name, "--help"])
        .within(&place.path(folder));
    let told = command.run().exits(0).stdout;
    let told = told.split("\nQuery `q`: ").nth(1).unwrap();
    told.lines().next().unwrap().to_owned()
}

/// A checkout with a query at every place there is, and one outside of it.
fn checkout(git: &str) -> Workplace {
    let place = Workplace::new()
        .file(git, "gitdir: elsewhere")
        .file("x.yaml", query("outside"))
        .file("repo/queries/x.yaml", query("root queries"))
        .file("repo/.regq/x.yaml", query("root regq"))
        .file("repo/a/x.yml", query("a"))
        .file("repo/a/b/other.yaml", query("other"));
    let config = place.home().join(".config/regq/queries");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("x.yaml"), query("the user")).unwrap();
    place
}

#[test]
fn a_name_leads_to_the_nearest_file_up_to_the_git_root_and_then_to_the_users() {
    // In a worktree or a submodule `.git` is a file.
    for git in ["repo/.git/HEAD", "repo/.git"] {
        let place = checkout(git);
        for (folder, found) in [("repo/a/b", "a"), ("repo/a", "a"), ("repo", "root queries")] {
            assert_eq!(meant(&place, folder, "x"), found, "{git} {folder}");
        }
        fs::remove_file(place.path("repo/a/x.yml")).unwrap();
        fs::remove_file(place.path("repo/queries/x.yaml")).unwrap();
        assert_eq!(meant(&place, "repo/a/b", "x"), "root regq");
        fs::remove_file(place.path("repo/.regq/x.yaml")).unwrap();
        assert_eq!(meant(&place, "repo/a/b", "x"), "the user");
        assert_eq!(meant(&place, "", "x"), "outside");
    }
}

#[test]
fn outside_git_nobody_looks_further_up() {
    let place = checkout("elsewhere/.git");
    assert_eq!(meant(&place, "repo/a/b", "x"), "the user");
    let names: Vec<String> = listed(&place, "repo/a/b")
        .into_iter()
        .map(|[_, what, _]| what)
        .collect();
    assert_eq!(names, ["other", "the user"]);
}

#[test]
fn the_list_shows_what_hides_what() {
    let place = checkout("repo/.git/HEAD");
    let listed = listed(&place, "repo/a");
    let rows: Vec<[&str; 3]> = listed
        .iter()
        .map(|row| row.each_ref().map(String::as_str))
        .collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0][1], "a");
    assert!(
        rows[0][2].starts_with("hides /repo/queries/x.yaml, /repo/.regq/x.yaml, "),
        "{rows:?}"
    );
    for (row, what) in rows[1..]
        .iter()
        .zip(["root queries", "root regq", "the user"])
    {
        assert_eq!(*row, ["x", what, "hidden by x.yml"]);
    }
}

#[test]
fn a_path_is_no_name() {
    let place = checkout("repo/.git");
    for path in ["./x.yml", "x.yml", "../a/x.yml"] {
        assert_eq!(meant(&place, "repo/a", path), "a", "{path}");
    }
    let command = place
        .command(["run", "x.yml"])
        .within(&place.path("repo/a/b"));
    command.run().exits(2).says("cannot open `x.yml`");
}

/// Only root can give a file away.
#[cfg(unix)]
#[test]
fn g12_a_file_of_another_is_passed_over_and_that_is_said() {
    use std::os::unix::fs::chown;
    let place = checkout("repo/.git").file("repo/stale.yaml", query("planted"));
    for path in ["repo/a/x.yml", "repo/stale.yaml"] {
        if chown(place.path(path), Some(4711), None).is_err() {
            return;
        }
    }
    assert_eq!(meant(&place, "repo/a", "x"), "root queries");
    let command = place
        .command(["run", "stale", "--help"])
        .within(&place.path("repo"));
    let ended = command.run().exits(0);
    assert_eq!(
        ended.stderr,
        "note: `stale` is not `stale.yaml`, which is owned by user 4711\n"
    );
    let rows = listed(&place, "repo/a");
    assert!(
        rows.contains(&["x", "a", "skipped: owned by user 4711"].map(str::to_owned)),
        "{rows:?}"
    );
}
