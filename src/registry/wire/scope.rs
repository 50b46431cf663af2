//! Scopes: what a token is asked for (distribution's token specification, "Scope").
//!
//! A registry names the scope it wants, and may name one that is not ours to ask for: another repository, or more than
//! reading (threats A6). So a scope is built here, of what is at hand; of the registry's own words only the harmless
//! ones are taken over.

use std::fmt;

use crate::oci::Repository;

/// What a request is about, as far as rights go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::registry) enum Wanted<'a> {
    /// Something in this repository.
    Repository(&'a Repository),
    /// The list of repositories.
    Catalog,
    /// Nothing that has rights of its own: whether somebody is let in at all.
    Nothing,
}

/// One scope, as it goes into a token request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::registry) struct Scope(String);

/// How a registry words its scopes: learned from one challenge, good for its other repositories.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(in crate::registry) enum ScopeStyle {
    /// As the specification has it.
    #[default]
    Pull,
    /// Reading needs the action `metadata_read`, too (Azure's registries, for listings of tags).
    MetadataRead,
    /// One word for everything; Amazon's public registry has `aws`.
    Word(String),
}

/// The longest word that stands for a scope.
const WORD_BYTES: usize = 64;

impl Scope {
    /// Reading a repository: `repository:NAME:pull`.
    #[cfg(test)]
    pub(in crate::registry) fn pull(repository: &Repository) -> Self {
        ScopeStyle::Pull.scope(Wanted::Repository(repository))
    }

    /// Listing repositories: `registry:catalog:*`. GitLab knows no other spelling.
    pub(in crate::registry) fn catalog() -> Self {
        Self("registry:catalog:*".to_owned())
    }

    /// No right in particular: a token that says who somebody is.
    fn none() -> Self {
        Self(String::new())
    }

    /// Tells whether it is no right in particular.
    pub(in crate::registry) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// What to ask for after a challenge: what the registry said, as far as it is about what is `wanted` and only reads
    /// (threats A6); else what we would ask for without its word.
    pub(in crate::registry) fn asked(challenge_scope: Option<&str>, wanted: Wanted<'_>) -> Self {
        ScopeStyle::of(challenge_scope, wanted).scope(wanted)
    }

    /// The scope.
    pub(in crate::registry) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ScopeStyle {
    /// Reads the style out of the scope of a challenge to a request about `wanted`.
    ///
    /// Placeholders (ghcr.io has `repository:user/image:pull`, Gitea `*`, zot nothing at all), other repositories and
    /// actions that change something teach nothing.
    pub(in crate::registry) fn of(challenge_scope: Option<&str>, wanted: Wanted<'_>) -> Self {
        let said = challenge_scope.unwrap_or_default().trim();
        if is_word(said) {
            return Self::Word(said.to_owned());
        }
        let Wanted::Repository(own) = wanted else {
            return Self::Pull;
        };
        let actions = said
            .split_ascii_whitespace()
            .filter_map(|scope| actions(scope, own));
        let mut actions = actions.flat_map(|actions| actions.split(','));
        match actions.any(|action| action == "metadata_read") {
            true => Self::MetadataRead,
            false => Self::Pull,
        }
    }

    /// Adds what a later challenge teaches; what was learned before is not forgotten, so that two kinds of requests with
    /// different needs share one token.
    pub(in crate::registry) fn learn(&mut self, challenge_scope: Option<&str>, wanted: Wanted<'_>) {
        match Self::of(challenge_scope, wanted) {
            Self::Pull => {}
            more => *self = more,
        }
    }

    /// What to ask for in this style.
    pub(in crate::registry) fn scope(&self, wanted: Wanted<'_>) -> Scope {
        match (self, wanted) {
            (Self::Word(word), _) => Scope(word.clone()),
            (_, Wanted::Catalog) => Scope::catalog(),
            (_, Wanted::Nothing) => Scope::none(),
            (Self::Pull, Wanted::Repository(own)) => Scope(format!("repository:{own}:pull")),
            (Self::MetadataRead, Wanted::Repository(own)) => {
                Scope(format!("repository:{own}:metadata_read,pull"))
            }
        }
    }
}

/// The actions of a scope, if it is one of our own repository. A resource's name may have colons of its own, so the type
/// is split off from the left and the actions from the right.
fn actions<'a>(scope: &'a str, own: &Repository) -> Option<&'a str> {
    let (resource, actions) = scope.strip_prefix("repository:")?.rsplit_once(':')?;
    (resource == own.as_str()).then_some(actions)
}

/// Tells whether a scope is one opaque word.
fn is_word(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=WORD_BYTES).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(name: &str) -> Repository {
        name.parse().unwrap()
    }

    fn asked(challenge_scope: &str) -> String {
        let own = repository("team/app");
        Scope::asked(Some(challenge_scope), Wanted::Repository(&own)).to_string()
    }

    #[test]
    fn our_own_scopes_are_those_of_the_specification() {
        assert_eq!(
            Scope::pull(&repository("a/b")).as_str(),
            "repository:a/b:pull"
        );
        assert_eq!(Scope::catalog().as_str(), "registry:catalog:*");
    }

    #[test]
    fn a6_only_reading_what_is_at_hand_is_asked_for() {
        let own = "repository:team/app:pull";
        for said in [
            "",
            " ",
            "*",
            own,
            "repository:team/app:pull,push",
            "repository:team/app:push,delete",
            "repository:team/app:*",
            "repository:team/app:",
            "repository:team/app",
            "repository:other/secret:pull,push,delete",
            "repository:other/secret:metadata_read",
            "repository:user/image:pull",
            "repository:evil:team/app:metadata_read",
            "repository(plugin):team/app:metadata_read",
            "registry:catalog:*",
            "repository:team/app:pull repository:other/secret:pull",
            "aws admin",
            "a\u{e9}",
            "a&scope=b",
            &"x".repeat(WORD_BYTES + 1),
        ] {
            assert_eq!(asked(said), own, "{said:?}");
        }
        let catalog = |said| Scope::asked(Some(said), Wanted::Catalog);
        for said in [
            "",
            "*",
            "repository:a:pull",
            "registry:catalog:*",
            "registry:catalog:delete",
        ] {
            assert_eq!(catalog(said), Scope::catalog(), "{said:?}");
        }
    }

    #[test]
    fn a6_azure_is_asked_for_metadata_of_our_own_repository() {
        for said in [
            "repository:team/app:metadata_read",
            "repository:team/app:metadata_read,pull",
            "repository:team/app:pull,metadata_read,metadata_write,delete",
            "repository:other:pull repository:team/app:metadata_read",
        ] {
            assert_eq!(
                asked(said),
                "repository:team/app:metadata_read,pull",
                "{said}"
            );
        }
    }

    #[test]
    fn a_word_for_everything_is_kept() {
        assert_eq!(asked("aws"), "aws");
        assert_eq!(Scope::asked(Some(" aws "), Wanted::Catalog).as_str(), "aws");
        let longest = "x".repeat(WORD_BYTES);
        assert_eq!(asked(&longest), longest);
    }

    #[test]
    fn what_one_repository_taught_holds_for_the_others() {
        let (first, other) = (repository("first"), repository("other"));
        let style = |said| ScopeStyle::of(Some(said), Wanted::Repository(&first));
        for (said, scope) in [
            ("repository:first:pull", "repository:other:pull"),
            (
                "repository:first:metadata_read",
                "repository:other:metadata_read,pull",
            ),
            ("aws", "aws"),
        ] {
            assert_eq!(
                style(said).scope(Wanted::Repository(&other)).as_str(),
                scope,
                "{said}"
            );
        }
        let azure = style("repository:first:metadata_read");
        assert_eq!(azure.scope(Wanted::Catalog), Scope::catalog());
    }

    #[test]
    fn what_was_learned_is_not_forgotten() {
        let own = repository("a");
        let mut style = ScopeStyle::default();
        for said in ["repository:a:metadata_read", "repository:a:pull", "", "*"] {
            style.learn(Some(said), Wanted::Repository(&own));
            assert_eq!(style, ScopeStyle::MetadataRead, "{said}");
        }
        style.learn(Some("aws"), Wanted::Catalog);
        assert_eq!(style, ScopeStyle::Word("aws".to_owned()));
    }
}
