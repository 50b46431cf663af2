//! The yardstick is straight: real registries let in whom they should, hold what was pushed, and the recipes with
//! curl and jq tell of it what was pushed. What the program says is compared with that.

use regq::oci::Digest;
use serde_json::Value;

use super::support::image::{Image, Index};
use super::support::real_registry::{
    Access, Client, REFRESH_TOKEN, RealRegistry, SERVICE, TokenRequest, TokenServer,
};
use super::support::recipe::{self, As, curl};

fn image(version: &str, created: &str) -> Image {
    Image::new()
        .created(created)
        .layer("ADD rootfs.tar", 0)
        .layer(&format!("COPY app {version}"), 0)
        .label("version", version)
        .stored()
}

/// Pushes one tag of every kind that a repository with a history has, and gives what a summary says of them.
pub(super) fn fill(registry: &RealRegistry) -> Vec<[String; 3]> {
    let newest = "2025-03-01T10:00:00Z";
    let arm = image("3", "2025-03-02T10:00:00Z").platform("linux/arm64");
    let both = Index::of([arm, image("3", newest)]).attested();
    let push = |tag: &str, image| registry.push(&format!("team/app:{tag}"), image).image_id;
    let (second, fourth) = ("2024-07-01T08:00:00Z", "2024-01-10T20:03:58Z");
    let ids = [
        push("1.1", image("1.1", second).docker()),
        push("1.0", image("1.0", fourth)),
        push("2.0", image("2.0", "2023-12-24T18:00:00Z")),
        push("3.0-amd64", image("3", newest)),
    ];
    registry.push("team/app:3.0", both);
    let old = registry.has_schema1();
    let old = old.then(|| registry.push_as_schema1("team/app:1.1", "old"));
    let rows = [
        ("3.0", newest, Some(&ids[3])),
        ("3.0-amd64", newest, Some(&ids[3])),
        ("1.1", second, Some(&ids[0])),
        ("old", second, old.as_ref()),
        ("1.0", fourth, Some(&ids[1])),
        ("2.0", "2023-12-24T18:00:00Z", Some(&ids[2])),
    ];
    let row = |(tag, created, id): (&str, &str, Option<&String>)| {
        id.map(|id| [tag, created, id].map(str::to_owned))
    };
    rows.into_iter().filter_map(row).collect()
}

/// The status that an answer has, as curl says it.
fn status(registry: &RealRegistry, client: As<'_>, url: &str) -> String {
    curl(registry, client, url).0
}

/// The body of an answer that has to be good.
fn body(registry: &RealRegistry, client: As<'_>, url: &str) -> String {
    let (status, answer) = curl(registry, client, url);
    assert_eq!(status, "200", "{answer}");
    let (_, body) = answer
        .split_once("\r\n\r\n")
        .expect("headers end with an empty line");
    body.to_owned()
}

#[test]
fn an_open_registry_lets_everybody_in() {
    let Some(registry) = RealRegistry::open() else {
        return;
    };
    assert_eq!(status(&registry, As::Nobody, "/v2/"), "200");
}

#[test]
fn a_password_opens_a_registry_that_asks_for_one() {
    let Some(registry) = RealRegistry::with_password() else {
        return;
    };
    assert!(registry.base().starts_with("https://"));
    assert_eq!(status(&registry, As::Nobody, "/v2/"), "401");
    assert_eq!(status(&registry, As::Stranger, "/v2/"), "401");
    assert_eq!(status(&registry, As::Account, "/v2/"), "200");
}

/// What a token server gives for a query.
fn token(registry: &RealRegistry, server: &TokenServer, client: As<'_>, scope: &str) -> String {
    let url = format!("{}?service={SERVICE}&scope={scope}", server.realm());
    let answer: Value = serde_json::from_str(&body(registry, client, &url)).unwrap();
    answer["token"].as_str().unwrap().to_owned()
}

#[test]
fn a_token_opens_what_it_was_given_for() {
    let Some(registry) = RealRegistry::with_token() else {
        return;
    };
    let Access::Token(server) = registry.access() else {
        panic!("this registry wants a token");
    };
    let app = image("1", "2024-01-10T20:03:58Z");
    registry.push("team/app:1", app.clone());
    registry.push("public/app:1", app);
    let (private, public) = ("/v2/team/app/manifests/1", "/v2/public/app/manifests/1");
    let challenge = curl(&registry, As::Nobody, private).1;
    let realm = server.realm();
    assert!(challenge.contains(&format!("realm=\"{realm}\",service=\"{SERVICE}\"")));

    let (of_private, of_public) = ("repository:team/app:pull", "repository:public/app:pull");
    let ours = token(&registry, server, As::Account, of_private);
    let anonymous = token(&registry, server, As::Nobody, of_private);
    let for_all = token(&registry, server, As::Nobody, of_public);
    for (token, path, expected) in [
        (&ours, private, "200"),
        (&ours, public, "401"),
        (&anonymous, private, "401"),
        (&for_all, public, "200"),
    ] {
        assert_eq!(status(&registry, As::Bearer(token), path), expected);
    }
    let seen = |client, scope: &str| TokenRequest {
        method: "GET".to_owned(),
        client,
        service: SERVICE.to_owned(),
        scopes: vec![scope.to_owned()],
    };
    let expected = [
        seen(Client::Account, of_private),
        seen(Client::Anonymous, of_private),
        seen(Client::Anonymous, of_public),
    ];
    assert_eq!(server.seen(), expected);
}

#[test]
fn a_token_server_knows_whose_secret_is_right() {
    let Some(registry) = RealRegistry::with_token() else {
        return;
    };
    let Access::Token(server) = registry.access() else {
        panic!("this registry wants a token");
    };
    let realm = server.realm();
    let form = |secret: &str| {
        format!(
            "grant_type=refresh_token&refresh_token={secret}&service={SERVICE}&scope=a:b:c d:e:f"
        )
    };
    for (client, expected, known) in [
        (As::Stranger, "401", Client::Stranger),
        (As::Form(&form("guessed")), "401", Client::Stranger),
        (As::Form(&form(REFRESH_TOKEN)), "200", Client::Account),
    ] {
        assert_eq!(status(&registry, client, &realm), expected);
        assert_eq!(server.seen().last().unwrap().client, known);
    }
    assert_eq!(server.seen().last().unwrap().scopes, ["a:b:c", "d:e:f"]);
}

#[test]
fn what_was_pushed_is_there() {
    let Some(registry) = RealRegistry::open() else {
        return;
    };
    let app = image("1", "2024-01-10T20:03:58Z");
    let images = [app.clone(), app.clone().platform("linux/arm64")];
    let pushed = [
        ("oci", registry.push("team/app:oci", app.clone())),
        ("docker", registry.push("team/app:docker", app.docker())),
        (
            "index",
            registry.push("team/app:index", Index::of(images).attested()),
        ),
    ];
    let get = |path: &str| body(&registry, As::Nobody, &format!("/v2/team/app/{path}"));
    for (tag, pushed) in &pushed {
        let manifest = get(&format!("manifests/{tag}"));
        assert_eq!(Digest::of(manifest.as_bytes()).to_string(), pushed.digest);
    }
    let oci: Value = serde_json::from_str(&get("manifests/oci")).unwrap();
    for blob in oci["layers"].as_array().unwrap() {
        let digest = blob["digest"].as_str().unwrap();
        let layer = get(&format!("blobs/{digest}"));
        assert_eq!(Digest::of(layer.as_bytes()).to_string(), digest);
        assert_eq!(Some(layer.len() as u64), blob["size"].as_u64());
    }
}

#[test]
fn the_recipe_tells_what_was_pushed() {
    for registry in [
        RealRegistry::open(),
        RealRegistry::with_password(),
        RealRegistry::with_token(),
    ] {
        let Some(registry) = registry else { return };
        let rows = fill(&registry);
        let told = recipe::image_summary(&registry, "team/app");
        assert_eq!(told.rows, rows);
        // The tags; for each a manifest; for the index a child; for all but the oldest format a config.
        let tokens = usize::from(matches!(registry.access(), Access::Token(_)));
        assert_eq!(told.requests.len(), tokens + 1 + rows.len() + 1 + 5);
    }
}

#[test]
fn the_oldest_recipe_knows_only_images_of_docker() {
    let Some(registry) = RealRegistry::open_with_schema1() else {
        return;
    };
    let time = "2024-07-01T08:00:00Z";
    let app = || image("1", time);
    registry.push("team/app:docker", app().docker());
    registry.push_as_schema1("team/app:docker", "old");
    let arm = app().platform("linux/arm64").docker();
    registry.push(
        "team/app:list",
        Index::of([arm.clone(), app().docker()]).docker(),
    );
    registry.push("team/app:list-of-arm", Index::of([arm]).docker());
    registry.push("team/app:oci", app());
    registry.push("team/app:index", Index::of([app()]));
    for (tag, expected) in [
        ("docker", Some(time)),
        ("old", Some(time)),
        ("list", Some(time)),
        ("list-of-arm", None),
        ("oci", None),
        ("index", None),
    ] {
        match (recipe::created(&registry, "team/app", tag), expected) {
            (Ok(time), Some(expected)) => assert_eq!(time, expected, "{tag}"),
            (Err(said), None) => assert!(said.contains("404"), "{tag}: {said}"),
            (told, _) => panic!("{tag}: {told:?}"),
        }
    }
}

/// The URL of the next page, as a `Link` header has it.
fn next(answer: &str) -> Option<String> {
    let link = answer.lines().find_map(|line| line.strip_prefix("Link: <"));
    Some(link?.split_once('>')?.0.to_owned())
}

#[test]
fn a_catalog_of_many_repositories_comes_in_pages() {
    let Some(registry) = RealRegistry::open() else {
        return;
    };
    let pushed: Vec<String> = (0..120)
        .map(|at| format!("team-{}/app{at:03}", at / 50))
        .collect();
    for name in &pushed {
        registry.push(&format!("{name}:1"), Image::new());
    }
    let (mut listed, mut pages) = (Vec::new(), Vec::new());
    let mut url = Some("/v2/_catalog?n=50".to_owned());
    while let Some(page) = url {
        let answer = curl(&registry, As::Nobody, &page).1;
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        let names: Value = serde_json::from_str(body).unwrap();
        let names = names["repositories"].as_array().unwrap().clone();
        pages.push(names.len());
        listed.extend(names);
        url = next(&answer);
    }
    assert_eq!(listed, pushed);
    assert_eq!(pages, [50, 50, 20]);
}
