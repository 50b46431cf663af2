//! What holds for every vendor's dialect: pages chain, rows come in natural order, what is empty, missing, denied or
//! throttled is said for what it is, and no page leads away.

use std::sync::Arc;

use regq::registry::Consent;

use super::support::fake::{
    Answer, Azure, FakeRegistry, Fault, Google, Links, Login, Place, Role, RunningRegistry, Vendor,
    When, before_login,
};
use super::support::image::Image;
use super::support::network::Online;
use super::support::query::{Answer as Asked, Asking};

/// A dialect and who speaks it.
struct Case {
    dialect: &'static str,
    vendor: fn() -> Arc<dyn Vendor>,
    /// What the listing of tags is asked at.
    tags: &'static str,
}

const CASES: [Case; 3] = [
    Case {
        dialect: "acr",
        vendor: || Arc::new(Azure),
        tags: "GET",
    },
    Case {
        dialect: "artifact-registry",
        vendor: || Arc::new(Google),
        tags: "tags/list",
    },
    Case {
        dialect: "gcr",
        vendor: || Arc::new(Google),
        tags: "tags/list",
    },
];

const TAGS: &str = "{repositories: acme/docker/web, columns: [tag, digest]}";
const REPOSITORIES: &str =
    "{resource: repositories, repositories: 'acme/docker/**', columns: [repository]}";

impl Case {
    fn registry(&self) -> FakeRegistry {
        FakeRegistry::new().vendor((self.vendor)())
    }

    /// Tags `a` to `e`, two at a time.
    fn filled(&self) -> FakeRegistry {
        let tag = |registry: FakeRegistry, tag| {
            registry.tag(&format!("acme/docker/web:{tag}"), image(tag))
        };
        let registry = self.registry().attacker_at(Place::on("127.0.0.2"));
        ["e", "a", "c", "b", "d"]
            .into_iter()
            .fold(registry, tag)
            .paged(2)
    }

    fn online(&self, registry: &RunningRegistry) -> Online {
        let origin = registry.origin_of(Role::Registry).parse();
        Online::of(registry).consent(Consent {
            named: true,
            plain_http: true,
            dialect: self.dialect.parse().ok(),
            api: origin.ok(),
            ..Consent::default()
        })
    }

    fn ask(&self, described: FakeRegistry, query: &str) -> Asked {
        let registry = described.start();
        let answer = Asking::of(&self.online(&registry)).ask(query);
        assert_eq!(registry.stop().of(Role::Attacker).connections(), []);
        answer
    }

    /// Nothing comes of it but an error of this code.
    #[track_caller]
    fn fails(&self, described: FakeRegistry, query: &str, code: &str) {
        let answer = self.ask(described, query);
        let errors = answer.errors();
        let is_it = matches!(&*errors, [error] if error.ends_with(code));
        assert!(
            is_it && answer.shown().is_empty(),
            "{} {errors:?}",
            self.dialect
        );
    }
}

fn image(tag: &str) -> Image {
    Image::new().label("tag", tag)
}

#[test]
fn pages_chain_and_rows_come_in_natural_order_with_the_right_digests() {
    for case in CASES {
        let described = case.filled();
        let rows = ["a", "b", "c", "d", "e"];
        let rows = rows.map(|tag| {
            format!(
                "{tag} {}",
                described.digest(&format!("acme/docker/web:{tag}"))
            )
        });
        let answer = case.ask(described, TAGS);
        assert_eq!(
            (answer.shown(), answer.errors()),
            (rows.to_vec(), vec![]),
            "{}",
            case.dialect
        );
        assert_eq!(
            answer.count("head") + answer.count("manifest"),
            0,
            "{}",
            case.dialect
        );
    }
}

#[test]
fn repositories_are_listed_below_a_namespace() {
    for case in CASES {
        let names = [
            "acme/docker/web",
            "acme/docker/team/api",
            "acme/docker/team",
            "acme/other/x",
        ];
        let tag = |registry: FakeRegistry, name| registry.tag(&format!("{name}:1"), Image::new());
        let described = names.into_iter().fold(case.registry(), tag).paged(2);
        let answer = case.ask(described, REPOSITORIES);
        let expected = [
            "acme/docker/team",
            "acme/docker/team/api",
            "acme/docker/web",
        ];
        assert_eq!(
            (answer.shown(), answer.errors()),
            (expected.map(str::to_owned).to_vec(), vec![]),
            "{}",
            case.dialect
        );
    }
}

#[test]
fn what_is_empty_is_no_error_and_what_is_missing_is_one() {
    for case in CASES {
        let empty = case.registry().repository("acme/docker/web");
        let answer = case.ask(empty, TAGS);
        assert_eq!(
            (answer.shown(), answer.errors()),
            (vec![], vec![]),
            "{}",
            case.dialect
        );
        case.fails(case.registry(), TAGS, "NAME_UNKNOWN");
    }
}

#[test]
fn who_is_denied_or_throttled_is_told() {
    for case in CASES {
        let denied = case.filled().login(Login::bearer());
        case.fails(denied, TAGS, "UNAUTHORIZED");
        let forbidden = Fault::Instead(Answer::error(403, "DENIED", &serde_json::json!({})));
        case.fails(
            case.filled().fault(case.tags, When::Always, forbidden),
            TAGS,
            "DENIED",
        );
        let throttled = Fault::Instead(Answer::error(
            429,
            "TOOMANYREQUESTS",
            &serde_json::json!({}),
        ));
        case.fails(
            case.filled()
                .fault(before_login("GET"), When::Always, throttled),
            TAGS,
            "TOOMANYREQUESTS",
        );
    }
}

#[test]
fn b4_no_page_leads_away() {
    for case in CASES {
        for links in [Links::OtherHost, Links::SchemeRelative] {
            let answer = case.ask(case.filled().links(links), TAGS);
            assert_eq!(
                answer.errors(),
                ["acme/docker/web LINK_REFUSED"],
                "{}",
                case.dialect
            );
            assert_eq!(answer.shown().len(), 2, "{}", case.dialect);
        }
        let answer = case.ask(case.filled().links(Links::Endless), TAGS);
        assert_eq!(
            answer.errors(),
            ["acme/docker/web ENDLESS_LISTING"],
            "{}",
            case.dialect
        );
    }
}
